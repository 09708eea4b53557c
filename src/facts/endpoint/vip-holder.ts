// Whether the host holds an address at this moment: how keepalived's decision is seen.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { raw } from '../../text/sh.js'
import { readOnly } from '../mint.js'
import { linesOf, parseAddress } from './network.js'

const kind: Kind<string, boolean> = {
  name: 'holds address',
  stays: 'moment',
  cost: 'cheap',
  within: 5000,
  ask: () => readOnly(raw('ip -o -4 addr show')),
  tell: ({ stdout, stderr, status }, addresses) => {
    if (status !== 0) return addresses.map(() => unreadable(`holds address: ${stderr.toString('utf8').trim()}`))
    const held = linesOf(stdout.toString('utf8'))
      .flatMap(parseAddress)
      .map(({ address }) => address)
    return addresses.map((address) => known(held.includes(address)))
  },
}

export const holdsAddress = (address: string): Fact<boolean> => fact(kind, address)
