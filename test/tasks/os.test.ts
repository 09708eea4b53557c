// Which steps prepare a host, by its roles and the inventory's wishes.
import { describe, expect, test } from 'vitest'
import type { Cluster, Host, OsSettings } from '../../src/model/inventory.js'
import type { Scope, Task } from '../../src/model/playbook.js'
import { osFirewall } from '../../src/tasks/os/firewall.js'
import { osHosts } from '../../src/tasks/os/hosts.js'
import { osKernel } from '../../src/tasks/os/kernel.js'
import { osSelinux } from '../../src/tasks/os/selinux.js'
import { osSwap } from '../../src/tasks/os/swap.js'
import { osTime } from '../../src/tasks/os/time.js'
import { packagesRepository } from '../../src/tasks/packages/repository.js'
import { inventory } from '../templates/fixtures.js'
import { scopeOf as scope } from '../support/scope.js'
import { shownChanges } from '../support/sight.js'

const base = inventory('1.20.2')
const scopeOf = (host: Host, more: Partial<Cluster> = {}): Scope =>
  scope({ inventory: inventory('1.20.2', more), host })
const hostWith = (role: Host['roles'][number]): Host => {
  const host = base.hosts.find(({ roles }) => roles.includes(role))
  if (!host) throw new Error(`no ${role} in the fixture`)
  return host
}
const ids = (task: Task, scope: Scope) => task.steps(scope, null).map(({ id }) => id)
const withOs = (settings: Partial<OsSettings>): Partial<Cluster> => ({ os: { ...base.cluster.os, ...settings } })

test('ids are unique over all tasks of a host', () => {
  const key = { file: 'k', bytes: Buffer.from('-----BEGIN PGP') }
  const scope = scopeOf(hostWith('master'), {
    ...withOs({ time: 'chrony', selinux: 'permissive' }),
    packages: {
      source: 'repository',
      apt: [1, 2].map((n) => ({ name: `a${n}`, url: 'http://a', suite: 's', components: ['main'], key })),
      dnf: [1, 2].map((n) => ({ name: `d${n}`, url: 'http://d', key })),
    },
  })
  const tasks = [osHosts, osTime, osSwap, osKernel, osSelinux, osFirewall, packagesRepository]
  const all = tasks.flatMap((task) => ids(task, scope))
  expect(all.length).toBeGreaterThan(20)
  expect(new Set(all).size).toBe(all.length)
})

describe('swap', () => {
  test('is off where a kubelet runs', () => {
    expect(ids(osSwap, scopeOf(hostWith('worker')))).toEqual(['swap'])
    expect(ids(osSwap, scopeOf(hostWith('haproxy')))).toEqual([])
  })

  test('stays where the kubelet was told to live with it', () => {
    expect(ids(osSwap, scopeOf(hostWith('worker'), { kubeletConfiguration: { failSwapOn: false } }))).toEqual([])
  })
})

test('kernel: modules and sysctls, each now and at boot; nothing on a load balancer that asks for nothing', () => {
  expect(ids(osKernel, scopeOf(hostWith('worker')))).toEqual([
    'file:/etc/modules-load.d/khactl.conf',
    'module:overlay',
    'module:br_netfilter',
    'file:/etc/sysctl.d/99-khactl.conf',
    'sysctls-at-boot',
    'sysctl:net.bridge.bridge-nf-call-iptables',
    'sysctl:net.bridge.bridge-nf-call-ip6tables',
    'sysctl:net.ipv4.ip_forward',
  ])
  expect(ids(osKernel, scopeOf(hostWith('haproxy')))).toEqual([])
})

test('what is to be left is left', () => {
  const leave = scopeOf(
    hostWith('master'),
    withOs({ hostsFile: 'leave', time: 'leave', firewall: 'leave', selinux: 'leave' }),
  )
  for (const task of [osHosts, osTime, osFirewall, osSelinux]) expect(ids(task, leave), task.name).toEqual([])
})

describe('the clock', () => {
  const steps = osTime.steps(scopeOf(hostWith('master'), withOs({ time: 'chrony' })), null)
  const facts = (running: string, family = 'debian') => ({
    os: () => ({ family, arch: 'x86_64' }),
    unit: (name: string) =>
      name === `${running}.service`
        ? { load: 'loaded', active: 'active', file: 'enabled', sub: 'running' }
        : { load: 'absent', active: 'inactive', file: '', sub: 'dead' },
    package: () => ({ installed: null, hold: 'free', condition: 'whole', locking: 'lockable' }),
  })
  const all = (of: ReturnType<typeof facts>) => steps.flatMap((step) => shownChanges(step, of))

  test('on a bare host it gets a service, by the name that the family knows', () => {
    expect(all(facts('none'))).toEqual([
      'package chrony: absent → newest available',
      'unit chrony boot: absent → enabled',
      'unit chrony state: absent → running',
    ])
    expect(all(facts('none', 'rhel')).slice(1)).toEqual([
      'unit chronyd boot: absent → enabled',
      'unit chronyd state: absent → running',
    ])
  })

  test('another service that keeps it is left alone', () => {
    expect(all(facts('systemd-timesyncd'))).toEqual([])
  })
})

test('repositories: of the family alone, key before source before list', () => {
  const key = { file: 'k', bytes: Buffer.from('-----BEGIN PGP') }
  const scope = scopeOf(hostWith('worker'), {
    packages: {
      source: 'repository',
      apt: [{ name: 'k8s', url: 'http://a', suite: 's', components: ['main'], key }],
      dnf: [{ name: 'k8s', url: 'http://d', key }],
    },
  })
  const facts = (family: string) => ({
    os: () => ({ family }),
    file: () => ({ kind: 'absent', mode: 0, owner: '', size: 0, ctime: 0, sha256: null }),
    'apt lists': () => 'absent',
  })
  const paths = (family: string) =>
    packagesRepository
      .steps(scope, null)
      .flatMap((step) => shownChanges(step, facts(family)))
      .map((text) => text.split(':')[0])
      .filter((path) => path?.endsWith(' mode') !== true)
  expect(paths('debian')).toEqual([
    '/etc/apt/keyrings',
    '/etc/apt/keyrings/khactl-k8s.asc',
    '/etc/apt/sources.list.d/khactl-k8s.sources',
    'apt list k8s',
  ])
  expect(paths('rhel')).toEqual([
    '/etc/pki/rpm-gpg',
    '/etc/pki/rpm-gpg/khactl-k8s.asc',
    '/etc/yum.repos.d/khactl-k8s.repo',
  ])
})
