#!/bin/sh
# systemctl of the stand-ins' world: units are files, and what was asked of them last is so.
state=/run/units
name() { case $1 in *.*) echo "$1";; *) echo "$1.service";; esac; }
there() { [ -e "/etc/systemd/system/$1" ] || [ -e "/lib/systemd/system/$1" ] || [ -e "$state/$1.there" ]; }
verb=
now=
units=
for word; do
  case $word in
    --now) now=1;;
    -p) skip=1;;
    -*) ;;
    *) if [ -n "$skip" ]; then skip=; elif [ -z "$verb" ]; then verb=$word; else units="$units $word"; fi;;
  esac
done
first=1
for unit in $units; do
  u=$(name "$unit")
  case $verb in
    show)
      [ -n "$first" ] || echo
      first=
      load=not-found file= active=inactive sub=dead pid=0
      if there "$u"; then
        load=loaded
        file=disabled
        [ ! -e "$state/$u.enabled" ] || file=enabled
        [ ! -e "$state/$u.masked" ] || load=masked file=masked
        [ ! -e "$state/$u.active" ] || { active=active sub=running pid=1; }
      fi
      printf 'Id=%s\nLoadState=%s\nUnitFileState=%s\nActiveState=%s\nSubState=%s\nResult=success\nExecMainStatus=0\n' "$u" $load "$file" $active $sub
      printf 'ExecMainStartTimestamp=Fri 2037-11-20 01:22:00 UTC\nInactiveExitTimestamp=\nActiveEnterTimestampMonotonic=1\nStateChangeTimestampMonotonic=1\n'
      printf 'InvocationID=%032d\nMainPID=%s\nNeedDaemonReload=no\nConditionResult=yes\nNRestarts=0\n' 1 $pid;;
    enable) : >"$state/$u.enabled"; [ -z "$now" ] || : >"$state/$u.active";;
    disable) rm -f "$state/$u.enabled"; [ -z "$now" ] || rm -f "$state/$u.active";;
    mask) : >"$state/$u.masked";;
    unmask) rm -f "$state/$u.masked";;
    start | restart | reload | reload-or-restart) : >"$state/$u.active";;
    stop) rm -f "$state/$u.active";;
    is-active) [ -e "$state/$u.active" ] && echo active || { echo inactive; exit 3; };;
    is-enabled) [ -e "$state/$u.enabled" ] && echo enabled || { echo disabled; exit 1; };;
  esac
done
exit 0
