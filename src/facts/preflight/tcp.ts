// Whether packets from this host reach a TCP port: a refusal is an answer too, silence and an ICMP error are not.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { join, raw, sh } from '../../text/sh.js'
import { readOnly } from '../mint.js'

export interface TcpTarget {
  readonly address: string
  readonly port: number
}

/** `refused`: nothing listens there yet, but the way is open. */
export type TcpAnswer = 'open' | 'refused' | 'filtered' | 'unreachable'

const functions = raw(`[ -x /bin/bash ] || { echo 'needs bash'; exit 0; }
reach() { e=$(timeout 3 /bin/bash -c ": </dev/tcp/$1/$2" 2>&1); c=$?
  case $c-$e in 0-*) echo "$1 $2 open";; 124-*) echo "$1 $2 filtered";; *refused*) echo "$1 $2 refused";; *) echo "$1 $2 unreachable";; esac; }`)

const kind: Kind<TcpTarget, TcpAnswer> = {
  name: 'tcp',
  stays: 'world',
  cost: 'active',
  within: 30_000,
  ask: (targets) =>
    readOnly(
      join([functions, ...targets.map(({ address, port }) => sh`reach ${address} ${port} &`), raw('wait')], '\n'),
    ),
  tell: ({ stdout }, targets) => {
    const lines = stdout.toString('utf8').split('\n')
    // Of a thousand hosts each line is read once.
    const answers = new Map(
      lines.flatMap((line) => {
        const [address = '', port = '', answer] = line.split(' ')
        return answer === undefined ? [] : [[`${address} ${port}`, answer] as const]
      }),
    )
    return targets.map(({ address, port }) => {
      const answer = answers.get(`${address} ${port}`)
      if (answer !== undefined) return known(answer as TcpAnswer)
      return unreadable(lines[0]?.startsWith('needs') ? lines[0] : `${address}:${port} could not be tried`)
    })
  },
}

export const tcpAnswer = (target: TcpTarget): Fact<TcpAnswer> => fact(kind, target)
