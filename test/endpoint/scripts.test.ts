import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { haproxy } from '../../src/endpoint/haproxy.js'
import { kindOf } from '../../src/endpoint/kinds.js'
import { known, type Fact, type Seen } from '../../src/model/fact.js'
import type { Command } from '../../src/model/command.js'
import { shown } from '../../src/model/command.js'
import type { Step } from '../../src/model/step.js'
import { scopeOf } from '../support/scope.js'
import { first, inventory } from '../templates/fixtures.js'

const of = inventory('1.30.0')
const observed = new Map(of.hosts.map(({ name }) => [name, { kind: 'fresh' as const }]))
const scope = scopeOf({ inventory: of, host: first(of.hosts), observed })

test('the kind of the inventory, its carriers and its steps in their order', () => {
  expect(kindOf(of)).toBe(haproxy)
  expect(haproxy.carriers(of).map(({ name }) => name)).toEqual(['haproxy-1', 'haproxy-2'])
  expect(haproxy.prepare(scope).map(({ id }) => id)).toMatchInlineSnapshot(`
    [
      "packages:endpoint",
      "directory:/usr/libexec",
      "directory:/usr/libexec/keepalived",
      "file:/usr/libexec/keepalived/khactl-check-haproxy",
      "file:/usr/libexec/keepalived/khactl-check-api",
      "selinux-boolean:haproxy_connect_any",
      "config:haproxy",
      "keepalived-peers",
      "config:keepalived",
      "vip-holder",
    ]
  `)
  expect(haproxy.members(scope).map(({ id }) => id)).toEqual(['backend:ready', 'backends-exact', 'backends-up'])
  expect(haproxy.healthy(scope).map(({ id }) => id)).toEqual(['endpoint-vip'])
})

test('a single haproxy host has no peers to tell', () => {
  const lone = { ...of, hosts: of.hosts.filter(({ name }) => name !== 'haproxy-2') }
  expect(haproxy.prepare({ ...scope, inventory: lone }).map(({ id }) => id)).not.toContain('keepalived-peers')
})

/** What the step would send, with every fact made up: a host on which nothing is in place. */
const sent = async (step: Step): Promise<readonly Command[]> => {
  const facts: Readonly<Record<string, unknown>> = {
    network: { addresses: [{ interface: 'eth0', address: '10.9.0.11', prefix: 24 }], links: [], defaultRoute: null },
    file: { kind: 'absent', mode: 0, owner: '', size: 0, ctime: 0, sha256: null },
    unit: { load: 'loaded', file: 'disabled', active: 'inactive', sub: 'dead', condition: 'met', stamp: null },
    'keepalived journal': [],
  }
  const reading = step.look.read({ get: <V>(one: Fact<V>) => known(facts[one.kind.name]) as Seen<V> })
  if (reading.status !== 'known') throw new Error(reading.status)
  const commands: Command[] = []
  const answer = { status: 0, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) }
  const writer = { host: scope.host.name, run: (command: Command) => (commands.push(command), Promise.resolve(answer)) }
  await reading.state.apply({ self: writer, at: () => Promise.resolve(writer) })
  return commands
}

test.each(['config:haproxy', 'config:keepalived'])('the script of %s is sh, and is this one', async (id) => {
  const step = haproxy.prepare(scope).find((one) => one.id === id)
  const [command] = await sent(step as Step)
  const script = shown(command as Command)
  execFileSync('/bin/sh', ['-n'], { input: script })
  await expect(script).toMatchFileSnapshot(`fixtures/${id.replace(':', '-')}.sh`)
})
