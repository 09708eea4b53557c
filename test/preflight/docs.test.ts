import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { known, unreadable, type Fact, type Seen } from '../../src/model/fact.js'
import type { HostState } from '../../src/model/host.js'
import { always } from '../../src/model/look.js'
import type { Scope } from '../../src/model/playbook.js'
import type { Step } from '../../src/model/step.js'
import { kinOf } from '../../src/tasks/alike.js'
import { preflight, preflightSteps } from '../../src/tasks/preflight.js'
import { failure, preflight as check } from '../../src/tasks/preflight/preflight-check.js'
import { scopeOf } from '../support/scope.js'
import { first, inventory } from '../templates/fixtures.js'

const of = inventory('1.30.0')
const scope = (state: HostState, more: Partial<Scope['inventory']['cluster']> = {}, host = first(of.hosts)): Scope =>
  scopeOf({
    inventory: { ...of, cluster: { ...of.cluster, ...more } },
    host,
    observed: new Map(of.hosts.map(({ name }) => [name, state])),
  })
const idsOf = (steps: readonly Step[]) => steps.map(({ id }) => id)

test('every check is in docs/preflight.md, and no other', () => {
  const used = of.hosts.flatMap((host) => idsOf(preflightSteps(scope({ kind: 'fresh' }, {}, host), 'all')))
  const text = readFileSync(resolve(import.meta.dirname, '../../docs/preflight.md'), 'utf8')
  const documented = [...text.matchAll(/^\| `(khactl:[a-z-]+)` \|.*\|.*\|.*\|/gm)].map((match) => match[1])
  expect(new Set(documented)).toEqual(new Set(used))
})

test('ids are unique on a host that has every role', () => {
  const all = { ...first(of.hosts), roles: ['haproxy', 'master', 'worker'] } as const
  const ids = idsOf(preflightSteps(scope({ kind: 'fresh' }, {}, all), 'all'))
  expect(ids).toEqual([...new Set(ids)])
})

const problemsOf = (step: Step) => {
  const reading = step.look.read({ get: () => undefined })
  return reading.status === 'known' ? reading.state.problems : reading.status
}

describe('a failure', () => {
  const memory = (given: Scope) =>
    check(kinOf(given), {
      id: 'khactl:memory',
      title: 'memory',
      kubeadm: ['Mem'],
      of: 'capacity',
      look: always(1),
      problems: () => [failure('1 MiB', 'More.')],
    })
  const levels = (given: Scope) => {
    const problems = problemsOf(memory(given))
    return typeof problems === 'string' ? problems : problems.map(({ level, message }) => `${level}: ${message}`)
  }

  test('is a failure', () => expect(levels(scope({ kind: 'fresh' }))).toEqual(['failure: 1 MiB']))
  test('is ignored by its id, or by kubeadm’s name for the same', () => {
    for (const name of ['khactl:memory', 'Mem'])
      expect(levels(scope({ kind: 'fresh' }, { ignorePreflightErrors: [name] }))).toEqual(['warning: 1 MiB (ignored)'])
    expect(levels(scope({ kind: 'fresh' }, { ignorePreflightErrors: ['all'] }))).toEqual(['failure: 1 MiB'])
  })
  test('of capacity is a warning on a healthy member', () => {
    expect(levels(scope({ kind: 'healthy', role: 'master' }))).toEqual(['warning: 1 MiB'])
  })
})

test('what could not be read is a failure, or not checked where a probe needs a tool', () => {
  const blind = (how: 'failure' | 'not-checked') =>
    problemsOf(
      check(kinOf(scope({ kind: 'fresh' })), {
        id: 'khactl:x',
        title: 'x',
        blind: how,
        look: { read: () => unreadable('needs curl') },
        problems: () => [],
      }),
    )
  expect(blind('failure')).toEqual([{ level: 'failure', message: 'could not be read: needs curl' }])
  expect(blind('not-checked')).toEqual([{ level: 'not-checked', message: 'needs curl' }])
})

describe('active probes', () => {
  /** Kinds that a look asks for, with every cheap fact answered as on a finished cluster. */
  const asked = (host: Scope['host'], { state, active }: { state: HostState; active: string }) => {
    const kinds = new Set<string>()
    const facts: Readonly<Record<string, unknown>> = {
      unit: { active },
      package: { installed: active === 'active' ? '1.30.0-1.1' : null, hold: 'held', condition: 'whole' },
      os: { family: 'debian', id: 'debian', versionId: '12', arch: 'x86_64', kernel: '6.1', systemd: 'running' },
      network: {
        links: [],
        addresses: [{ interface: 'eth0', address: host.nodeIP, prefix: 24 }],
        defaultRoute: 'eth0',
      },
    }
    const packages = {
      source: 'repository',
      dnf: [],
      apt: [{ name: 'k', url: 'http://r', suite: '/', components: [], key: { file: '', bytes: new Uint8Array() } }],
    } as const
    for (const step of preflight.steps(scope(state, { packages }, host), null))
      step.look.read({
        get: <V>(fact: Fact<V>): Seen<V> | undefined => {
          if (fact.kind.cost === 'active') kinds.add(fact.kind.name)
          const value = facts[fact.kind.name]
          return value === undefined ? undefined : (known(value) as Seen<V>)
        },
      })
    return [...kinds].toSorted((a, b) => a.localeCompare(b))
  }
  const [haproxy, master] = ['haproxy-1', 'master-1'].map((name) => first(of.hosts.filter((one) => one.name === name)))

  test('are not made on a finished cluster', () => {
    const finished = { state: { kind: 'healthy', role: 'master' }, active: 'active' } as const
    expect(asked(master as Scope['host'], finished)).toEqual([])
    expect(asked(haproxy as Scope['host'], finished)).toEqual([])
  })
  test('are made on bare hosts', () => {
    const bare = { state: { kind: 'fresh' }, active: 'inactive' } as const
    expect(asked(master as Scope['host'], bare)).toEqual(['image', 'repository', 'tcp'])
    expect(asked(haproxy as Scope['host'], bare)).toEqual(['repository', 'surroundings', 'tcp'])
  })
})
