#!/bin/bash
# A highly available cluster from bare hosts, as somebody would script it for just these hosts, who knows what works: every host
# at once, installs and pulls side by side, masters one after the other, workers beside them as soon as there is an API. No
# look first, no check, nothing that mends; it ends when every node is Ready. Makes what khactl up makes (bench/fresh.ts).
#   FILES    folder: HOST.tar (configuration files), init.yaml, join-HOST.yaml (with @token@, @key@, @hash@), cni.yaml
#   SSH      ssh with its options; hosts as NAME=ADDRESS in LBS, MASTERS, WORKERS
#   VERSION  of Kubernetes; INIT_FLAGS: of kubeadm init; IMAGES_master, IMAGES_worker: what they pull; KUBECONFIG_TO: where admin.conf goes
set -euo pipefail
declare -A at
names() { for h; do echo "${h%%=*}"; done; }
for h in $LBS $MASTERS $WORKERS; do at[${h%%=*}]=${h#*=}; done
masters=($(names $MASTERS)) first=${masters[0]} others=${masters[*]:1}
on() { local h=$1; shift; $SSH "root@${at[$h]}" "$@"; }
trap 'for h in ${!at[*]}; do on "$h" -O exit 2>/dev/null || true; done' EXIT

apt='export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt() { apt-get -qq -y -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 --no-install-recommends install "$@" >/dev/null; }'

balancer() {
  on "$1" 'tar -xf - -C /' <"$FILES/$1.tar"
  on "$1" "set -e; $apt; apt chrony haproxy keepalived; systemctl -q enable --now chrony haproxy keepalived"
}

node() {
  on "$1" 'tar -xf - -C /' <"$FILES/$1.tar"
  on "$1" "set -e; sysctl -q --system >/dev/null; $apt
    v=\$(apt-cache madison kubeadm | awk '{ print \$3 }' | grep -m1 '^$VERSION')
    apt chrony containerd kubelet=\$v kubeadm=\$v kubectl=\$v; apt-mark -q hold containerd kubelet kubeadm kubectl >/dev/null
    systemctl -q enable --now chrony containerd kubelet
    printf '%s\n' $2 | xargs -P 4 -n 1 crictl --runtime-endpoint unix:///run/containerd/containerd.sock pull >/dev/null"
}

declare -A prepared
for h in $(names $LBS); do balancer "$h" & prepared[$h]=$!; done
for h in $(names $MASTERS); do node "$h" "$IMAGES_master" & prepared[$h]=$!; done
for h in $(names $WORKERS); do node "$h" "$IMAGES_worker" & prepared[$h]=$!; done
await() { for h; do wait "${prepared[$h]}"; done; }

await $(names $LBS) "$first"
token=$(od -An -N11 -tx1 /dev/urandom | tr -d ' \n' | sed 's/^\(.\{6\}\)\(.\{16\}\)$/\1.\2/')
key=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
sed "s/@token@/$token/; s/@key@/$key/" "$FILES/init.yaml" |
  on "$first" "kubeadm init --upload-certs $INIT_FLAGS --config /dev/stdin >/dev/null 2>&1"
kube='kubectl --kubeconfig /etc/kubernetes/admin.conf'
on "$first" "$kube apply -f - >/dev/null" <"$FILES/cni.yaml"
hash=sha256:$(on "$first" 'openssl x509 -pubkey -noout </etc/kubernetes/pki/ca.crt 2>/dev/null | openssl pkey -pubin -outform der | sha256sum | cut -d" " -f1')

join() { sed "s/@token@/$token/; s/@key@/$key/; s/@hash@/$hash/" "$FILES/join-$1.yaml" | on "$1" 'kubeadm join --config /dev/stdin 2>&1' >"$FILES/join-$1.log" || { cat "$FILES/join-$1.log"; return 1; }; }
await $others $(names $WORKERS)
joins=()
for h in $(names $WORKERS); do { join "$h" && on "$first" "$kube label node $h node-role.kubernetes.io/worker= >/dev/null"; } & joins+=($!); done
for h in $others; do join "$h"; done
for j in "${joins[@]}"; do wait "$j"; done

on "$first" "$kube wait --for=condition=Ready node --all --timeout=300s >/dev/null
  $kube -n kube-system delete secret bootstrap-token-${token%%.*} kubeadm-certs >/dev/null"
on "$first" 'cat /etc/kubernetes/admin.conf' >"$KUBECONFIG_TO"
