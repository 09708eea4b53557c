#!/bin/sh
# Boots one host of the lab, and boots it again whenever it asked for a reboot. Started by host.ts, which sets:
#   LAB_HOST LAB_DISK LAB_ROOTFS LAB_GROUP LAB_CTL LAB_NETNS LAB_VETH LAB_ADDRESS LAB_GATEWAY LAB_MAC LAB_STATE LAB_INNER
set -u

# What a host leaves behind in its groups would otherwise hold its disk and its network.
end_members() {
  tries=0
  while left=$(find /sys/fs/cgroup/ -path "*/$LAB_GROUP/*" -name cgroup.procs -exec cat {} + 2>/dev/null | sort -u) &&
    [ -n "$left" ] && [ $tries -lt 100 ]; do
    kill -KILL $left 2>/dev/null
    tries=$((tries + 1))
    sleep 0.1
  done
}

drop_network() {
  ip -n "$LAB_CTL" link del "$LAB_VETH" 2>/dev/null
  [ ! -e "/run/netns/$LAB_NETNS" ] || ip netns del "$LAB_NETNS"
}

# A fresh namespace for every boot: addresses, routes and rules do not survive the reboot of a machine.
make_network() {
  drop_network
  ip netns add "$LAB_NETNS" &&
    ip -n "$LAB_CTL" link add "$LAB_VETH" type veth peer name eth0 netns "$LAB_NETNS" address "$LAB_MAC" &&
    ip -n "$LAB_CTL" link set "$LAB_VETH" master br0 up &&
    ip -n "$LAB_NETNS" link set lo up &&
    ip -n "$LAB_NETNS" link set eth0 up &&
    ip -n "$LAB_NETNS" address add "$LAB_ADDRESS/24" dev eth0 &&
    { [ -z "$LAB_INNER" ] || ip -n "$LAB_NETNS" address add "$LAB_INNER/24" dev eth0; } &&
    ip -n "$LAB_NETNS" route add default via "$LAB_GATEWAY"
}

# In a mount namespace of its own, so that nothing stays mounted once the host is off, however it went.
boot() {
  sh "$LAB_STATE/cgroup.sh" "$LAB_GROUP" unshare --mount --propagation private sh -c '
    set -e
    mount -t overlay -o "lowerdir=$LAB_ROOTFS,upperdir=$LAB_DISK/upper,workdir=$LAB_DISK/work" lab "$LAB_DISK/root"
    exec systemd-nspawn --quiet --boot --register=no --keep-unit --console=pipe --capability=all \
      --directory="$LAB_DISK/root" --machine="$LAB_HOST" --network-namespace-path="/run/netns/$LAB_NETNS" \
      --bind="$LAB_DISK/var-lib:/var/lib" --bind=/dev/kmsg --resolv-conf=off --timezone=off --link-journal=no \
      --kill-signal=SIGRTMIN+3
  '
}

export SYSTEMD_NSPAWN_API_VFS_WRITABLE=1 SYSTEMD_SECCOMP=0
quick=0
while :; do
  begun=$(date +%s)
  end_members
  make_network || exit 1
  echo "lab: $LAB_HOST boots at $(date -u +%FT%TZ)"
  boot
  code=$?
  echo "lab: $LAB_HOST went off with exit code $code at $(date -u +%FT%TZ)"
  drop_network
  end_members
  # 133 is a wish to reboot
  [ $code -eq 133 ] || exit 0
  if [ $(($(date +%s) - begun)) -lt 3 ]; then quick=$((quick + 1)); else quick=0; fi
  [ $quick -lt 5 ] || { echo "lab: $LAB_HOST reboots over and over"; exit 1; }
done
