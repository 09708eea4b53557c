// `ssh.jump` — the hosts on the way to a host: one, or several in the order they are passed.
import * as z from 'zod'
import { parseHop } from '../hop.js'
import { addressFault } from './addresses.js'
import { text } from './leaf.js'
import { login, userFault } from './login.js'

const hint = 'Write something like `admin@bastion.example:2222`, or a mapping with `address`, `user`, `port`, `key` ….'

const hopFault = (value: string) => {
  if (/[[\]]/.test(value))
    return { code: 'jump', message: 'a jump host is one host, not a range', hint: 'Write its own address.' }
  const hop = parseHop(value)
  if (hop === null) return { code: 'jump', message: `\`${value}\` is not a host to jump over`, hint }
  if (hop.port !== undefined && (hop.port < 1 || hop.port > 65535))
    return { code: 'jump', message: `${hop.port} is not a port`, hint: 'Ports go from 1 to 65535.' }
  return addressFault(hop.address) ?? (hop.user === undefined ? null : userFault(hop.user))
}

const shortHop = text({ description: 'user@host:port; user and port may be left out.', example: 'bastion' }, hopFault)

const longHop = z
  .strictObject({
    address: text(
      { description: 'Address or name of the host on the way.', example: 'bastion.example' },
      (value) =>
        hopFault(value) ??
        (/[@:]/.test(value) ? { code: 'jump', message: 'user and port have keys of their own here', hint } : null),
    ),
    ...login,
  })
  .meta({ description: 'A host on the way.', example: '{ address: bastion.example, user: admin, key: ./id_bastion }' })

const hop = z.union([shortHop, longHop]).meta({ description: 'A host on the way.', example: 'admin@bastion.example' })

export const jump = z.union([shortHop, longHop, z.array(hop)]).meta({
  description: 'Hosts on the way to this one (ProxyJump): one, or a list with the first one first; [] for none.',
  example: 'admin@bastion.example:22',
})

export type HopEntry = z.output<typeof hop>
