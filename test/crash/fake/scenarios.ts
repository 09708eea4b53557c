// What is interrupted on the fakes: the same life as on the lab, with an inventory like its profile ha.
import type { Host, Inventory } from '../../../src/model/inventory.js'
import { host, inventory, masters } from '../../templates/fixtures.js'
import type { Command } from './site.js'
import type { World } from './world.js'

export interface FakeScenario {
  readonly name: 'up' | 'add-master' | 'remove'
  /** Commands that make the world it begins with, from bare hosts. */
  readonly before: readonly Command[]
  readonly first: Command
  /** What an operator types after a run that died. */
  readonly again: Command
  /** Jobs whose body is done once, whatever happens to the link: `host/name`. */
  readonly once: readonly string[]
  readonly isEnd: (world: World) => boolean
}

const site = inventory('1.20.2')
const fourth = host('master-4', '10.9.0.24')
const grown: Inventory = { ...site, hosts: [...site.hosts, fourth] }
const first = masters[0] as Host
const shrunk: Inventory = {
  ...grown,
  hosts: grown.hosts.filter(({ name }) => name !== first.name),
  leaving: [{ ...first, state: 'absent' }],
}
const up = (of: Inventory): Command => ({ playbook: 'up', inventory: of, named: 'all' })

const has = (world: World, members: readonly Host[]): boolean =>
  members.every(({ name }) => world.values.get(`${name}/member`) !== undefined)
const nodes = site.hosts.filter(({ roles }) => !roles.includes('haproxy'))

export const scenarios: readonly FakeScenario[] = [
  {
    name: 'up',
    before: [],
    first: up(site),
    again: up(site),
    once: ['master-1/kubeadm-init', ...nodes.slice(1).map(({ name }) => `${name}/kubeadm-join`)],
    isEnd: (world) => has(world, nodes),
  },
  {
    name: 'add-master',
    before: [up(site), up(site)],
    first: { playbook: 'add', inventory: grown, named: [fourth.name] },
    again: up(grown),
    once: ['master-4/kubeadm-join'],
    isEnd: (world) => has(world, [...nodes, fourth]),
  },
  {
    name: 'remove',
    before: [up(grown), up(grown)],
    first: { playbook: 'remove', inventory: shrunk, named: [first.name] },
    again: up(shrunk),
    once: ['master-1/kubeadm-reset'],
    isEnd: (world) => !has(world, [first]) && world.values.get('master-1/inventory:entry') === 'done',
  },
]

export const scenarioNamed = (name: FakeScenario['name']): FakeScenario => {
  const found = scenarios.find((one) => one.name === name)
  if (!found) throw new Error(`no scenario ${name}`)
  return found
}
