// The bootstrap token that kubeadm cannot be kept from making in `init`: by this description it is found and revoked again.
export const initTokenDescription = 'khactl: made by kubeadm init, unused'
