// Who answers for an address on the host's own network. The kernel is made to ask by a connection that goes nowhere.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { join, raw, sh } from '../../text/sh.js'
import { readOnly } from '../mint.js'

export type ArpAnswer =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'this host' }
  | { readonly kind: 'elsewhere' }
  /** Hardware address, lower-case. */
  | { readonly kind: 'somebody'; readonly mac: string }

/**
 * No arping is needed: bash is on every host. "No route to host" says that three questions went unanswered. An entry that
 * the kernel already has is not taken for granted: using it turns STALE into DELAY, PROBE and, within 8 s, REACHABLE or
 * FAILED. `elsewhere`: the address is behind a router.
 */
const functions = raw(`poke() { timeout 4 /bin/bash -c ": </dev/tcp/$1/9" 2>&1; }
who_has() {
  if ip -o -4 addr show | grep -qF " $1/"; then echo self; return; fi
  case $(ip -o -4 route get "$1" 2>&1) in *" via "*|*nreachable*) echo elsewhere; return;; esac
  [ -x /bin/bash ] || { echo 'needs bash'; return; }
  i=0; while [ $i -lt 30 ]; do i=$((i+1)); e=$(poke "$1")
    n=$(ip -4 neigh show to "$1")
    case $n in *REACHABLE*|*PERMANENT*) n=\${n#*lladdr }; echo "mac \${n%% *}"; return;; *FAILED*) echo nobody; return;;
    *lladdr*) ;; *) case $e in *'No route to host'*) echo nobody; return;; esac;; esac
    sleep 0.3
  done
  echo "undecided: $n"
}`)

const kind: Kind<string, ArpAnswer> = {
  name: 'arp',
  stays: 'world',
  cost: 'active',
  within: 30_000,
  ask: (addresses) => readOnly(join([functions, ...addresses.map((address) => sh`who_has ${address}`)], '\n')),
  tell: ({ stdout }, addresses) => {
    const lines = stdout.toString('utf8').split('\n')
    return addresses.map((address, index) => {
      const line = lines[index] ?? ''
      const answer = parseArp(line)
      return answer ? known(answer) : unreadable(line === '' ? `who has ${address} could not be told` : line)
    })
  },
}

export const whoHas = (address: string): Fact<ArpAnswer> => fact(kind, address)

export const parseArp = (line: string): ArpAnswer | null => {
  if (line === 'nobody') return { kind: 'nobody' }
  if (line === 'self') return { kind: 'this host' }
  if (line === 'elsewhere') return { kind: 'elsewhere' }
  const mac = /^mac ([0-9a-f:]{17})$/.exec(line)?.[1]
  return mac === undefined ? null : { kind: 'somebody', mac }
}
