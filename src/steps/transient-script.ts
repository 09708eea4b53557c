// What starts a transient unit on a host, or waits for it, and says how it ended.
import type { Command } from '../model/command.js'
import { raw, sh } from '../text/sh.js'

/**
 * Root-only; per job: NAME.log (both streams), NAME.id (who started it, then who waits for it), NAME.status (exit status,
 * there once it ended), NAME.sh and NAME.in (gone once it ended). A status without a running unit is the outcome of the last
 * job; a job that left none was killed. The folder is memory: a restart of the host empties it.
 */
export const jobFolder = '/run/khactl/run'
const tailLines = 40
/** Seconds between TERM and KILL for a job that took too long. */
const stopSeconds = 10
/** The waiter's exit status for a job that took too long. */
export const lateStatus = 75

export interface Wait {
  readonly name: string
  /** Names this call of the job: the host tells by it whether the job came to it before the connection went. */
  readonly id: string
  /** The script stands first on standard input, its own input behind it. */
  readonly scriptBytes: number
  readonly secondsLeft: number
  /** Since it was sent for the first time; 0: this is the first time. */
  readonly secondsSince: number
  /** Lines of its output that have come already. */
  readonly linesSeen: number
}

export const waiter = ({ name, id, scriptBytes, secondsLeft, secondsSince, linesSeen }: Wait): Command => sh`
n=${name} u=khactl-${raw(name)}.service d=${jobFolder} id=${id} bytes=${scriptBytes} left=${secondsLeft} since=${secondsSince} seen=${linesSeen}
${raw(body)}`

// Half a script must not run: the size is compared. The unit itself writes the id first of all: so a job without it never
// began, however the waiter before this one died. systemd-run returns once the unit is started; what ends the wait is the
// status file, so that a second khactl can wait for the same job. `tail -f` is for people only, its end may be cut.
// A host whose first process is younger than the job was restarted meanwhile (/proc/uptime alone is the machine's, in a container).
const body = `
umask 077
mkdir -p "$d" && chmod 700 /run/khactl "$d" || exit 1
state() { systemctl show -p ActiveState --value "$u"; }
runs() { case $(state) in active|activating|deactivating|reloading) true;; *) false;; esac; }
ours() { grep -qsx "$id" "$d/$n.id"; }
age() { read -r up rest </proc/uptime; b=$(cut -d' ' -f22 /proc/1/stat); echo $((\${up%.*}-b/$(getconf CLK_TCK 2>/dev/null || echo 100))); }
start() {
  rm -f "$d/$n.log" "$d/$n.status" "$d/$n.sh" "$d/$n.in" "$d/$n.id"
  dd bs="$bytes" count=1 iflag=fullblock of="$d/$n.sh" 2>/dev/null && cat >"$d/$n.in" || exit 1
  [ "$(wc -c <"$d/$n.sh")" -eq "$bytes" ] || { echo 'the script did not arrive whole' >&2; exit 1; }
  : >"$d/$n.log"
  systemctl reset-failed "$u" 2>/dev/null
  systemd-run --quiet --collect --unit="$u" --description="khactl: $n" --property=TasksMax=infinity \\
    --property=TimeoutStopSec=${stopSeconds} --property="ExecStopPost=-/bin/rm -f $d/$n.sh $d/$n.in" \\
    -- /bin/sh -c '
      umask 077; echo "$2" >>"$1.id"
      export LC_ALL=C TZ=UTC HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
      umask 022; unset INVOCATION_ID JOURNAL_STREAM SYSTEMD_EXEC_PID MAINPID
      /bin/sh "$1.sh" <"$1.in" >>"$1.log" 2>&1; c=$?
      umask 077; rm -f "$1.sh" "$1.in"; echo "$c" >"$1.part" && mv -f "$1.part" "$1.status"' khactl "$d/$n" "$id" </dev/null || runs || exit 1
}
c= how=started
if runs; then cat >/dev/null; ours || echo "$id" >>"$d/$n.id"
elif ours; then cat >/dev/null; [ -s "$d/$n.status" ] || c=-
elif [ "$since" -gt 0 ] && [ "$(age)" -lt "$since" ]; then cat >/dev/null; c=boot
else start
fi
tail -n "+$((seen+1))" -f "$d/$n.log" 2>/dev/null & t=$!
end=$(($(cut -d. -f1 /proc/uptime)+left)) i=0
while [ -z "$c" ] && [ ! -s "$d/$n.status" ]; do
  sleep 0.2; i=$((i+1))
  if [ $((i%15)) -eq 0 ]; then
    runs || [ -s "$d/$n.status" ] || c=-
    if [ "$(cut -d. -f1 /proc/uptime)" -ge "$end" ]; then systemctl stop "$u"; [ -s "$d/$n.status" ] || c=late; fi
  fi
done
kill "$t" 2>/dev/null
[ -n "$c" ] || read -r c <"$d/$n.status"
[ "$(head -n 1 "$d/$n.id" 2>/dev/null)" = "$id" ] || [ "$c" = boot ] || how=attached
[ "$c" = late ] && x=${lateStatus} c=- || x=0
printf '\\n@job %s %s\\n' "$how" "$c"; tail -n ${tailLines} "$d/$n.log" 2>/dev/null
exit "$x"`
