// khactl add-master, add-worker and add-haproxy, as --help shows them.
import type { Command } from 'commander'
import type { ListName } from '../../inventory/schema/inventory.js'
import { examples, exits } from '../help/words.js'
import { classes, withConsent } from './membership.js'
import { onInventory, runOptions, type Declare, type RunFlags } from './shared.js'

interface Flags extends RunFlags {
  readonly host: readonly string[]
  readonly write: boolean
}

interface Kind {
  readonly name: 'add-master' | 'add-worker' | 'add-haproxy'
  readonly list: ListName
  readonly summary: string
  readonly what: string
  /** For the examples. */
  readonly host: readonly [name: string, address: string]
}

const kinds: readonly Kind[] = [
  {
    name: 'add-master',
    list: 'masters',
    summary: 'bring a master into a living cluster',
    what: 'It joins etcd and the control plane, and only then gets traffic from haproxy.',
    host: ['master-4', '10.0.0.24'],
  },
  {
    name: 'add-worker',
    list: 'workers',
    summary: 'bring a worker into a living cluster',
    what: 'It joins with the labels and taints of its entry.',
    host: ['worker-4', '10.0.0.34'],
  },
  {
    name: 'add-haproxy',
    list: 'haproxy',
    summary: 'let one more host carry the API endpoint',
    what: 'The others hear of it before its keepalived starts; the virtual IP stays where it is.',
    host: ['haproxy-3', '10.0.0.13'],
  },
]

export const declareAdd: Declare = (program, input) => {
  for (const kind of kinds) {
    const command = onInventory(program, { name: kind.name, help: helpOf(kind) })
      .summary(kind.summary)
      .description(
        `Check a host, write it into the inventory and bring it in, at the version the cluster runs. ${kind.what} Only it, the masters and the haproxy hosts are spoken to.`,
      )
    withConsent(hostOption(command))
      .option('--no-write', 'leave the inventory file as it is')
      .action(async (inventory: string, flags: Flags) => {
        const [{ add }, { parseHostFlag }] = await Promise.all([
          import('../commands/add.js'),
          import('../host-flag.js'),
        ])
        const hosts = flags.host.map(parseHostFlag)
        const options = runOptions(kind.name, { inventory, flags, input })
        const file = flags.write ? 'write' : 'leave'
        input.ended(await add({ options, list: kind.list, hosts, file }, input.io))
      })
  }
}

const hostOption = (command: Command): Command =>
  command.requiredOption(
    '--host <host>',
    'name=NAME,address=ADDRESS, and with commas nodeIP=…, label.KEY=…, taint=…; a name alone: it is in the inventory already',
    (text: string, before: readonly string[] | undefined) => [...(before ?? []), text],
  )

const helpOf = ({ name, host: [host, address] }: Kind): string =>
  [
    examples([
      [`khactl ${name} --host name=${host},address=${address}`, ''],
      [`khactl ${name} prod.yaml --host ${host}=${address} --dry-run`, ''],
      [`khactl ${name} --host ${host}`, 'it is in the inventory already'],
    ]),
    exits(classes),
  ].join('\n\n')
