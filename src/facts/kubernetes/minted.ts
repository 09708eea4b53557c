// The label on every Secret that khactl made for a join: what still has it after the join is to be revoked.
/** Its value is the joining node's name. */
export const mintedLabel = 'khactl.io/minted-for'

/** Where kubeadm puts the certificates for a joining master. */
export const certificatesSecret = 'kubeadm-certs'
