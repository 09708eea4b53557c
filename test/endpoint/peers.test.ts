import { expect, test } from 'vitest'
import { fact, known, type Fact, type Kind, type Seen } from '../../src/model/fact.js'
import type { HostName } from '../../src/model/host.js'
import { see } from '../../src/model/look.js'
import { changed, step } from '../../src/model/step.js'
import { lookElsewhere } from '../../src/steps/endpoint/elsewhere.js'
import { peersFirst } from '../../src/steps/endpoint/peers-first.js'

const configKind: Kind<null, string> = {
  name: 'config',
  stays: 'host',
  cost: 'cheap',
  within: 1,
  ask: () => ({ parts: [] }) as never,
  tell: () => [],
}
const config = step({
  id: 'config',
  title: 'config',
  look: see(fact(configKind, null)),
  diff: (have) => changed({ path: '/etc/keepalived/keepalived.conf', from: have, to: 'new' }),
  apply: (at) => at.self.run({ parts: ['write'] }),
})
const names = ['haproxy-1', 'haproxy-2'] as HostName[]
const peers = peersFirst({ peers: names.map((host) => ({ host, step: config })) })

interface There {
  readonly active: string
  readonly config: string
}

const intent = (here: string, there: Readonly<Record<string, There>>) => {
  const asked = new Set<string>()
  const reading = peers.look.read({
    get: <V>(one: Fact<V>): Seen<V> => {
      const at = typeof one.at === 'object' ? one.at.host : one.at
      asked.add(`${one.kind.name}@${at}`)
      if (at === 'self') return known({ active: here }) as Seen<V>
      const of = there[at] ?? { active: 'inactive', config: 'none' }
      return known(one.kind.name === 'unit' ? of : of.config) as Seen<V>
    },
  })
  if (reading.status !== 'known') throw new Error(reading.status)
  return { ...reading.state, asked: [...asked] }
}

test('a new host: the running peers with another configuration are told first, each on its own host', async () => {
  const found = intent('inactive', {
    'haproxy-1': { active: 'active', config: 'old' },
    'haproxy-2': { active: 'inactive', config: 'old' },
  })
  expect(found.changes.map(({ path, from, to }) => `${path}: ${from} → ${to}`)).toEqual([
    '/etc/keepalived/keepalived.conf on haproxy-1: old → new',
  ])
  const wrote: string[] = []
  const writer = (host: string) => ({
    host: host as HostName,
    run: () => {
      wrote.push(host)
      return Promise.resolve({ status: 0, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) })
    },
  })
  await found.apply({
    self: writer('self'),
    at: (ref) => Promise.resolve(writer(typeof ref === 'object' ? ref.host : ref)),
  })
  expect(wrote).toEqual(['haproxy-1'])
})

test('nothing where keepalived runs here already, on a fresh cluster, or where peers know', () => {
  const old = { active: 'active', config: 'old' }
  expect(intent('active', { 'haproxy-1': old }).changes).toEqual([])
  expect(intent('inactive', {}).changes).toEqual([])
  expect(intent('inactive', { 'haproxy-1': { active: 'active', config: 'new' } }).changes).toEqual([])
})

test('all is asked in one round, of the hosts it is about', () => {
  const reading = peers.look.read({ get: () => undefined })
  expect(
    reading.status === 'needs' && reading.facts.map(({ kind, at }) => `${kind.name} ${JSON.stringify(at)}`),
  ).toEqual([
    'unit "self"',
    'unit {"host":"haproxy-1"}',
    'config {"host":"haproxy-1"}',
    'unit {"host":"haproxy-2"}',
    'config {"host":"haproxy-2"}',
  ])
  const elsewhere = lookElsewhere(names[0] as HostName, see({ ...fact(configKind, null), at: 'operator' }))
  const other = elsewhere.read({ get: () => undefined })
  expect(other.status === 'needs' && other.facts[0]?.at).toBe('operator')
})
