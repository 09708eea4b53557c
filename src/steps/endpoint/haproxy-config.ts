// haproxy.cfg as one checked step: haproxy -c, reload, a new worker that answers, and the API still reachable through it.
import { askHaproxy } from '../../facts/endpoint/stats-socket.js'
import type { StepId } from '../../model/fact.js'
import type { Look } from '../../model/look.js'
import type { Step } from '../../model/step.js'
import { join, raw, sh } from '../../text/sh.js'
import { checkedConfig, type ConfigText, type Guard } from './checked-config.js'
import { marksFolder } from './rotation.js'

export interface HaproxyConfig {
  readonly id: StepId
  readonly path: string
  readonly wanted: Look<ConfigText>
  /** Stats socket, as the configuration names it. */
  readonly socket: string
  /** Backend of the API servers. */
  readonly backend: string
  readonly after?: readonly StepId[]
  readonly guard?: Guard
}

export const haproxyConfig = ({ id, path, wanted, socket, backend, after = [], guard }: HaproxyConfig): Step =>
  checkedConfig({
    id,
    title: `Run haproxy with ${path}`,
    path,
    wanted,
    after,
    ...(guard ? { guard } : {}),
    daemon: {
      name: 'haproxy',
      functions: join([askHaproxy, sh`socket=${socket} backend=${backend} marks=${marksFolder}`, raw(functions)], '\n'),
      hint: 'Look at the lines above. Lines of your own come from cluster.endpoint.haproxy.extra in the inventory.',
    },
  })

// A reload forgets what was drained. One that fails (a port is taken) leaves the old worker in charge and says so nowhere but in the journal: only a
// worker with another pid has taken the file. Servers count once their first check is over (`* INI` is none).
const functions = `
check() { haproxy -c -f "$1"; }
worker() { haproxy_says "$socket" 'show info' 2>/dev/null | sed -n 's/^Pid: //p'; }
up() { haproxy_says "$socket" 'show stat -1 4 -1' 2>/dev/null | grep "^$backend," | grep -v '\\* INI' | grep -c ',UP'; }
before() { old_worker=$(worker); old_up=$(up); rm -rf "$marks"; }
healthy() {
  i=0; until now=$(worker); [ -n "$now" ] && [ "$now" != "$old_worker" ]; do
    i=$((i+1)); [ $i -lt 40 ] || { echo 'haproxy did not take the new file: no new worker answers at its stats socket' >&2; return 1; }
    sleep 0.25
  done
  [ "\${old_up:-0}" -gt 0 ] || return 0
  i=0; until [ "$(up)" -gt 0 ]; do
    i=$((i+1)); [ $i -lt 60 ] || { echo "no API server is up for the new haproxy; $old_up were before" >&2; return 1; }
    sleep 0.25
  done
}`
