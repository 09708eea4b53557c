// Takes one API server out of haproxy's rotation on given hosts, and puts it back: used around its restart or removal.
import { askHaproxy } from '../../facts/endpoint/stats-socket.js'
import { oldWorkers } from '../../facts/endpoint/old-workers.js'
import type { Command } from '../../model/command.js'
import type { HostName } from '../../model/host.js'
import type { Writer, Writers } from '../../model/step.js'
import { join, raw, sh } from '../../text/sh.js'

/** One server of haproxy's backend of API servers. */
export interface Server {
  readonly name: HostName
  /** `address:port`, as the configuration has it. */
  readonly peer: string
  readonly backend: string
  /** Stats socket. */
  readonly socket: string
}

/** On several haproxy hosts; a step that uses it names them in `writes`. */
export interface Rotation {
  readonly carriers: readonly HostName[]
  readonly server: Server
}

/** A server that khactl took out and means to put back: a file of its name, so that a run that dies is made good. */
export const marksFolder = '/run/khactl/rotation'

/** Exit status: no other server of the backend is up. */
const last = 67

/**
 * No new connections, up to 2 s for those that end by themselves, then the rest is closed, in old workers too. Where no
 * other server is up it stays in (`left in`): it is better to lose a few reads at its restart than all before. Fails where
 * haproxy runs and does not obey.
 */
export const takeOut = async (at: Writers, { carriers, server }: Rotation): Promise<'out' | 'left in'> => {
  const left = await Promise.all(
    carriers.map(async (host) => drainOn(await at.at({ host }), { server, mark: 'to put back' })),
  )
  return left.includes('left in') ? 'left in' : 'out'
}

/** New connections are welcome again, as soon as its checks pass. For every end of what takeOut began. */
export const putBack = async (at: Writers, { carriers, server }: Rotation): Promise<void> => {
  await Promise.all(carriers.map(async (host) => putBackOn(await at.at({ host }), server)))
}

export const putBackOn = async (at: Writer, server: Server): Promise<void> => {
  await at.run(join([head(server), raw(ready)], '\n'))
}

export const drainOn = async (
  at: Writer,
  { server, mark }: { readonly server: Server; readonly mark: 'to put back' | 'for good' },
): Promise<'out' | 'left in'> => {
  const marking = mark === 'to put back' ? sh`mkdir -p ${marksFolder} && : >${marksFolder}/"$name" || exit 1` : raw(':')
  const script = join([head(server), raw(guard), marking, raw(drain)], '\n')
  const { status } = await at.run(script, { expect: [0, last], within: 30_000 })
  return status === last ? 'left in' : 'out'
}

const head = ({ name, peer, backend, socket }: Server): Command =>
  join(
    [
      askHaproxy,
      oldWorkers,
      sh`name=${name} peer=${peer} backend=${backend} socket=${socket} marks=${marksFolder}`,
      raw(common),
    ],
    '\n',
  )

// haproxy answers a runtime command that worked with an empty line.
const common = `systemctl -q is-active haproxy.service || { rm -f "$marks/$name"; exit 0; }
obeys() { a=$(haproxy_says "$socket" "$1") || return 1; [ -z "$a" ] || { echo "haproxy: $a" >&2; return 1; }; }
line() { haproxy_says "$socket" 'show stat -1 4 -1' | grep "^$backend,$name,"; }`

const ready = `if [ -n "$(line)" ]; then obeys "set server $backend/$name state ready" || exit 1; fi
rm -f "$marks/$name"`

const guard = `there=$(line)
[ -z "$there" ] || haproxy_says "$socket" 'show stat -1 4 -1' | grep "^$backend," | grep -v "^$backend,$name," | grep -q ',UP' || exit ${last}`

// scur is the fifth column of every version. An old worker closes session by session ("Proxy is disabled" is its answer to
// `shutdown sessions server`) and is reached through the master socket; where the unit opens none
// (RHEL), or it does not help, the worker is ended: what it still has are long connections, whose clients come again.
const drain = `
master=$(tr '\\0' '\\n' <"/proc/$(systemctl show -p MainPID --value haproxy.service)/cmdline" | sed -n '/^-S$/{n;s/,.*//;p}')
held_by_old() { n=0; for p in $(old_workers "$socket"); do n=$((n + $(held "$p" "$peer"))); done; echo "$n"; }
now() { n=$(line | cut -d, -f5); echo "\${n:-0}"; }
quiet_within() { i=0; until [ "$(now)" -eq 0 ] && [ "$(held_by_old)" -eq 0 ]; do i=$((i+1)); [ $i -lt "$1" ] || return 1; sleep 0.2; done; }
[ -z "$there" ] || obeys "set server $backend/$name state drain" || exit 1
quiet_within 10 && exit 0
[ -z "$there" ] || obeys "shutdown sessions server $backend/$name" || exit 1
for p in $(old_workers "$socket"); do
  [ -n "$master" ] || break
  for s in $(haproxy_says "$master" "@!$p show sess" | grep " be=$backend srv=$name " | cut -d: -f1); do
    haproxy_says "$master" "@!$p shutdown session $s" >&2
  done
done
quiet_within 10 && exit 0
for p in $(old_workers "$socket"); do [ "$(held "$p" "$peer")" -eq 0 ] || kill -TERM "$p"; done
quiet_within 20 || { echo "haproxy still has $(now) sessions to $name, its old workers $(held_by_old)" >&2; exit 1; }`
