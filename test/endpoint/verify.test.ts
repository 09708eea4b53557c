import { expect, test } from 'vitest'
import { backendProblems, holderProblems } from '../../src/endpoint/haproxy-verify.js'
import { interfaceOf } from '../../src/endpoint/keepalived-text.js'
import type { Remains } from '../../src/facts/kubernetes/remains.js'
import { known, unreadable, type Seen } from '../../src/model/fact.js'
import type { HostName } from '../../src/model/host.js'
import { host } from '../templates/fixtures.js'

const name = (text: string) => text as HostName
const told = (problems: readonly { level: string; message: string; hint?: string }[]) =>
  problems
    .map(({ level, message, hint }) => `${level}: ${message}${hint === undefined ? '' : `\n  ${hint}`}`)
    .join('\n')

test('one holder of the VIP among the haproxy hosts', () => {
  const held = (...seen: readonly Seen<boolean>[]) =>
    told(
      holderProblems(
        '10.0.0.100',
        seen.map((one, index) => ({ host: name(`haproxy-${index + 1}`), seen: one })),
      ),
    )
  expect(held(known(true), known(false))).toBe('')
  expect(held(known(true))).toBe('')
  expect(held(known(false), known(false))).toMatchInlineSnapshot(`
    "failure: no host holds the virtual IP 10.0.0.100; asked: haproxy-1, haproxy-2
      journalctl -u keepalived says why; a host gives it away while its haproxy does not answer the track script."
  `)
  expect(held(known(true), known(true))).toMatchInlineSnapshot(`
    "failure: 2 hosts hold the virtual IP 10.0.0.100: haproxy-1, haproxy-2
      They do not hear each other: let IP protocol 112 (VRRP) pass between their node IPs."
  `)
  expect(held(known(true), unreadable('holds address: sh: ip: not found'))).toMatchInlineSnapshot(
    `"failure: who holds the virtual IP 10.0.0.100 could not be told: haproxy-2: holds address: sh: ip: not found"`,
  )
})

test('every ready master up, and only those', () => {
  const remains = (readyz: Remains['readyz']) => known({ readyz } as Remains)
  const server = (of: string, status: string, check = 'L7OK', said = '') => ({
    backend: 'kubernetes-api',
    server: of,
    status,
    check,
    said,
    sessions: 0,
  })
  const masters = (...ready: readonly Remains['readyz'][]) =>
    ready.map((readyz, index) => ({ host: name(`master-${index + 1}`), seen: remains(readyz) }))
  const problems = (servers: readonly ReturnType<typeof server>[], found: ReturnType<typeof masters>) =>
    told(backendProblems({ host: name('haproxy-1'), servers, masters: found }))
  expect(problems([server('master-1', 'UP'), server('master-2', 'UP 2/3')], masters('ok', 'ok'))).toBe('')
  expect(problems([server('master-1', 'UP'), server('master-2', 'DOWN')], masters('ok', 'failing', null))).toBe('')
  expect(problems([server('master-1', 'DOWN', 'L4TOUT', 'Layer4 timeout')], masters('ok', 'ok')))
    .toMatchInlineSnapshot(`
    "failure: master-1 is ready, but the haproxy of haproxy-1 has it DOWN (L4TOUT Layer4 timeout)
      Let haproxy-1 reach port 6443 of master-1: a firewall between them is the usual cause.
    failure: master-2 is ready, but the haproxy of haproxy-1 has it absent
      Let haproxy-1 reach port 6443 of master-2: a firewall between them is the usual cause."
  `)
})

test('the interface is the one that holds nodeIP, never the VIP’s', () => {
  const addresses = [
    { interface: 'lo', address: '127.0.0.1', prefix: 8 },
    { interface: 'eth0', address: '10.0.2.15', prefix: 24 },
    { interface: 'eth1', address: '10.9.0.11', prefix: 24 },
  ]
  const look = (of: Parameters<typeof interfaceOf>[0]) =>
    interfaceOf(of).read({ get: () => known({ addresses, links: [], defaultRoute: 'eth0' }) as never })
  expect(look(host('haproxy-1', '10.9.0.11'))).toEqual(known('eth1'))
  expect(look(host('haproxy-1', '10.9.0.11', { interface: 'bond0' }))).toEqual(known('bond0'))
  expect(look(host('haproxy-1', '10.9.0.12'))).toMatchInlineSnapshot(`
    {
      "status": "unreadable",
      "why": "10.9.0.12, the node IP of haproxy-1, is on none of its interfaces: 10.0.2.15 (eth0), 10.9.0.11 (eth1)",
    }
  `)
})
