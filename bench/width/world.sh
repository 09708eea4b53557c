#!/bin/sh
# Namespaces in which this machine stands for a host: a network, files and a /run of its own, and a systemctl that remembers.
# Usage: unshare --mount --net --uts --ipc --pid --fork --mount-proc world.sh FOLDER CMD…
set -e
folder=$1; shift
here=$(dirname "$(readlink -f "$0")")
mount --make-rprivate /
hostname standing-model
ip link set lo up
ip link add lan0 type bridge
ip link set lan0 address 02:77:00:00:ff:01
ip addr add 10.77.255.1/16 dev lan0
ip addr add 10.77.255.2/16 dev lan0
ip link set lan0 up
# Who connects to another stand-in is refused there, as on a host where nothing listens yet.
ip route add local 10.77.0.0/17 dev lo
mount -t tmpfs tmpfs "$folder"
for d in etc var usr root opt srv; do
  mkdir -p "$folder/$d.upper" "$folder/$d.work"
  mount -t overlay overlay -o lowerdir=/$d,upperdir="$folder/$d.upper",workdir="$folder/$d.work" /$d
done
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/systemd/system /run/lock /run/units
cp "$here/systemctl.sh" /usr/local/sbin/systemctl
# A host has one SSH server; that there is one for each stand-in is no news of any of them.
printf '#!/bin/sh\n/usr/bin/ss "$@" | grep -v ":2222 "\n' >/usr/local/sbin/ss
chmod 755 /usr/local/sbin/systemctl /usr/local/sbin/ss
echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa >/etc/machine-id
# Packages that this machine has and a bare host has not.
sed -i '/^Package: kube/,/^$/d' /var/lib/dpkg/status
for is in there enabled active; do : >/run/units/systemd-timesyncd.service.$is; done
echo systemd >/proc/1/comm 2>/dev/null || :
exec "$@"
