// A haproxy host leaves, masters are drained: what is said, what would change, and that the scripts are sh.
import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { haproxy } from '../../src/endpoint/haproxy.js'
import { exactProblems } from '../../src/endpoint/haproxy-backends.js'
import { departedProblems, successorProblems } from '../../src/endpoint/haproxy-leave.js'
import { serverOf } from '../../src/endpoint/rotation.js'
import { parseListed } from '../../src/facts/endpoint/listed-servers.js'
import type { Command } from '../../src/model/command.js'
import { shown } from '../../src/model/command.js'
import { known } from '../../src/model/fact.js'
import type { HostName } from '../../src/model/host.js'
import type { Writer } from '../../src/model/step.js'
import { readyChange } from '../../src/steps/endpoint/back-in-rotation.js'
import { drainChange } from '../../src/steps/endpoint/drain.js'
import { handOver } from '../../src/steps/endpoint/hand-over.js'
import { drainOn, putBackOn } from '../../src/steps/endpoint/rotation.js'
import { haproxyConfig } from '../../src/templates/haproxy.js'
import { scopeOf } from '../support/scope.js'
import { first, haproxies, inventory, masters } from '../templates/fixtures.js'

const plain = inventory('1.30.0')
const server = serverOf(first(masters))
const seen = (status: string, sessions = 0) => ({
  ...{ backend: 'kubernetes-api', server: 'master-1', check: 'L7OK', said: '' },
  ...{ status, sessions },
})

describe('the scripts are sh', () => {
  const scriptOf = async (run: (at: Writer) => Promise<unknown>): Promise<string> => {
    const commands: Command[] = []
    const answer = { status: 0, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) }
    await run({ host: 'x' as HostName, run: (command) => (commands.push(command), Promise.resolve(answer)) })
    return shown(first(commands))
  }
  const hands = async (self: Writer): Promise<void> => {
    const unit = { load: 'loaded', file: 'enabled', active: 'active', sub: 'running', condition: 'met' }
    const step = handOver({ vip: '10.9.0.10', port: 6443 })
    const reading = step.look.read({ get: (fact) => known(fact.kind.name === 'unit' ? unit : true) as never })
    if (reading.status !== 'known') throw new Error(reading.status)
    await reading.state.apply({ self, at: () => Promise.resolve(self) })
  }
  test.each<[string, (at: Writer) => Promise<unknown>]>([
    ['drain', (at) => drainOn(at, { server, mark: 'for good' })],
    ['take out', (at) => drainOn(at, { server, mark: 'to put back' })],
    ['put back', (at) => putBackOn(at, server)],
    ['hand over', hands],
  ])('%s', async (name, run) => {
    const script = await scriptOf(run)
    execFileSync('/bin/sh', ['-n'], { input: script })
    await expect(script).toMatchFileSnapshot(`fixtures/${name.replace(' ', '-')}.sh`)
  })
})

test.each([
  [seen('UP', 12), 0, 'in rotation'],
  [seen('UP 1/3'), 0, 'in rotation'],
  [seen('DRAIN', 1), 0, 'has connections'],
  [seen('DRAIN'), 2, 'has connections'],
  [seen('DRAIN'), 0, undefined],
  [seen('DOWN'), 0, undefined],
  [null, 0, undefined],
  [null, 1, 'has connections'],
])('drain %j with %i in old workers: %s', (have, old, from) => {
  expect(drainChange({ server, seen: have, old })[0]?.from).toBe(from)
})

test('only what khactl drained is put back', () => {
  const changes = (status: string, mark: 'there' | 'none') => readyChange({ server, seen: seen(status), mark }).length
  expect([changes('DRAIN', 'there'), changes('DRAIN', 'none'), changes('UP', 'there')]).toEqual([1, 0, 0])
})

test('the servers that the file names, of that backend alone', () => {
  const text = haproxyConfig(plain, masters)
  expect(parseListed(text, 'kubernetes-api')).toEqual(['master-1', 'master-2', 'master-3'])
  expect(parseListed(text, 'khactl-readyz')).toEqual(['itself'])
  expect(parseListed('', 'kubernetes-api')).toEqual([])
})

test('a host that leaves: its steps in their order; none where it never carried the endpoint', () => {
  const [gone, stays] = haproxies(2) as [ReturnType<typeof first<(typeof masters)[0]>>, (typeof masters)[0]]
  const of = { ...plain, hosts: [stays, ...masters], leaving: [{ ...gone, state: 'absent' as const }] }
  expect(haproxy.leave(scopeOf({ inventory: of, host: gone })).map(({ id }) => id)).toEqual([
    ...['endpoint:successor', 'endpoint:hand-over', 'endpoint:moved', 'unit:haproxy'],
    ...['absent:/etc/keepalived/keepalived.conf', 'absent:/etc/haproxy/haproxy.cfg'],
    ...['absent:/usr/libexec/keepalived/khactl-check-haproxy', 'absent:/usr/libexec/keepalived/khactl-check-api'],
  ])
  expect(haproxy.leave(scopeOf({ inventory: of, host: first(masters) }))).toEqual([])
  const ids = haproxy.prepare(scopeOf({ inventory: of, host: stays })).map(({ id }) => id)
  expect(ids.indexOf('endpoint:departed')).toBeLessThan(ids.indexOf('config:keepalived'))
  expect(ids).toContain('endpoint:departed')
})

test('what the checks say', () => {
  const name = (text: string) => text as HostName
  const told = (problems: readonly { readonly message: string }[]) => problems.map(({ message }) => message).join('\n')
  expect(told(exactProblems({ host: 'haproxy-1', running: ['a', 'b'], wanted: ['a', 'b'] }))).toBe('')
  expect(told(exactProblems({ host: 'haproxy-1', running: ['a', 'b'], wanted: ['a', 'c'] }))).toBe(
    'the haproxy of haproxy-1 has b, which is no master that stays, and no c',
  )
  const fault = 'keepalived does not run'
  expect(told(successorProblems(name('a'), [{ host: name('b'), fault }]))).toContain(`from a: b: ${fault}`)
  expect(
    successorProblems(name('a'), [
      { host: name('b'), fault },
      { host: name('c'), fault: null },
    ]),
  ).toEqual([])
  expect(departedProblems(name('a'), 'stopped')).toEqual([])
  expect(told(departedProblems(name('a'), 'running'))).toContain('its keepalived still runs')
})
