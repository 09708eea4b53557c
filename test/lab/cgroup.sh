#!/bin/sh
# Runs a command in a group of the lab's own in every cgroup hierarchy:  cgroup.sh GROUP COMMAND…
# The machine's own groups stay as they are, on cgroup v1, hybrid and v2.
set -u
group=$1
shift

delegate() {
  for controller in $(cat "$1/cgroup.controllers"); do
    echo "+$controller" >"$1/cgroup.subtree_control" 2>/dev/null
  done
}

enter() {
  dir=$1
  for part in $(echo "$group" | tr / ' '); do
    # in v2 a group hands its controllers down, one by one, in v1 there is nothing to hand down
    [ -e "$dir/cgroup.controllers" ] && [ "$dir" != /sys/fs/cgroup/unified ] && delegate "$dir"
    parent=$dir
    dir=$dir/$part
    mkdir -p "$dir" || return 1
    # a cpuset takes no process before it knows its processors and memory nodes
    for file in cpuset.cpus cpuset.mems; do
      [ -e "$dir/$file" ] && [ -z "$(cat "$dir/$file")" ] && cat "$parent/$file" >"$dir/$file" 2>/dev/null
    done
  done
  echo $$ >"$dir/cgroup.procs"
}

if [ -e /sys/fs/cgroup/cgroup.controllers ]; then tops=/sys/fs/cgroup; else tops=$(ls -d /sys/fs/cgroup/*/); fi
for top in $tops; do
  [ -e "${top%/}/cgroup.procs" ] || continue
  enter "${top%/}" || { echo "lab: cannot enter the group $group below $top" >&2; exit 1; }
done
exec "$@"
