// What haproxy's old workers, left behind by a reload, still hold: they check no backend and keep their sessions (R-L5).
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { join, raw, sh } from '../../text/sh.js'
import { readOnly } from '../mint.js'
import { askHaproxy } from './stats-socket.js'

/**
 * `old_workers SOCKET`: pids of the workers that are no longer the one behind the stats socket; status 1 when that could
 * not be told. `held PID PEER`: connections of a process to PEER (`address:port`). ss, as haproxy's own words about its old
 * workers need a master socket, which RHEL's unit does not open.
 */
export const oldWorkers = raw(`old_workers() {
  m=$(systemctl show -p MainPID --value haproxy.service); [ "\${m:-0}" -gt 0 ] || return 0
  now=$(haproxy_says "$1" 'show info' 2>/dev/null | sed -n 's/^Pid: //p'); [ -n "$now" ] || return 1
  for f in $(grep -ls "^PPid:[[:space:]]*$m\\$" /proc/[0-9]*/status); do
    p=\${f#/proc/}; p=\${p%/status}
    [ "$p" = "$now" ] || [ "$(cat "/proc/$p/comm" 2>/dev/null)" != haproxy ] || echo "$p"
  done; }
held() { ss -Htnp dst "$2" | grep -c "pid=$1,"; }
`)

export interface HeldOf {
  /** Stats socket of the current worker. */
  readonly socket: string
  /** `address:port` of the server. */
  readonly peer: string
}

const kind: Kind<HeldOf, number> = {
  name: 'sessions in old workers',
  stays: 'moment',
  cost: 'cheap',
  within: 10_000,
  ask: (args) =>
    readOnly(
      join(
        [
          askHaproxy,
          oldWorkers,
          raw(`held_by_old() { n=0; w=$(old_workers "$1") || { echo -; return 0; }
  for p in $w; do n=$((n + $(held "$p" "$2"))); done; echo "$n"; }
have_ss=; command -v ss >/dev/null && have_ss=y || echo 'there is no ss' >&2`),
          ...args.map(({ socket, peer }) => sh`[ -z "$have_ss" ] || held_by_old ${socket} ${peer}; printf '\0'`),
        ],
        '\n',
      ),
    ),
  tell: ({ stdout, stderr }, args) => {
    const answers = stdout.toString('utf8').split('\0')
    return args.map(({ peer }, index) => {
      const answer = (answers[index] ?? '').trim()
      return /^\d+$/.test(answer)
        ? known(Number(answer))
        : unreadable(`sessions to ${peer} in old workers of haproxy: ${stderr.toString('utf8').trim() || 'not told'}`)
    })
  },
}

export const heldByOldWorkers = (of: HeldOf): Fact<number> => fact(kind, of)
