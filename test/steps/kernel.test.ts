// Swap, sysctls at boot, SELinux, firewall: what shows as a change, and what is left alone.
import { describe, expect, test } from 'vitest'
import type { SwapState } from '../../src/facts/swap.js'
import type { SysctlLine } from '../../src/facts/sysctl.js'
import { always } from '../../src/model/look.js'
import { firewallOpen } from '../../src/steps/firewall.js'
import { given } from '../../src/steps/given.js'
import { selinuxMode } from '../../src/steps/selinux.js'
import { swapOff } from '../../src/steps/swap.js'
import { sysctlsAtBoot } from '../../src/steps/sysctl-at-boot.js'
import { sysctl } from '../../src/steps/sysctl.js'
import { intentWith, shownChanges } from '../support/sight.js'

describe('swap', () => {
  const off: SwapState = { active: [], fstab: null, units: [], zram: 'off' }
  test('off everywhere: nothing', () => {
    expect(shownChanges(swapOff(), { swap: () => off })).toEqual([])
  })

  test('a line of fstab is commented out with a mark, the others keep every byte', () => {
    const fstab =
      '# /dev/x none swap sw 0 0\n/dev/a\t/\text4 defaults 0 1\n\t/dev/b  none\tswap sw 0 0\n/swap/c /data ext4 x 0 0'
    const { changes } = intentWith(swapOff(), { swap: () => ({ ...off, fstab }) })
    expect(changes[0]?.text?.to).toBe(fstab.replace('\t/dev/b', '# khactl: \t/dev/b'))
    const mended = intentWith(swapOff(), { swap: () => ({ ...off, fstab: changes[0]?.text?.to ?? '' }) })
    expect(mended.changes).toEqual([])
  })

  test('now, by unit and by zram', () => {
    const state: SwapState = {
      ...off,
      active: ['/dev/zram0'],
      zram: 'on',
      units: [
        { name: 'dev-a.swap', boot: 'static', place: 'elsewhere' },
        { name: 'dev-b.swap', boot: 'enabled', place: 'etc' },
      ],
    }
    expect(shownChanges(swapOff(), { swap: () => state })).toEqual([
      'unit dev-a.swap boot: static → masked',
      'unit dev-b.swap boot: enabled → disabled',
      '/etc/systemd/zram-generator.conf: zram swap → empty',
      'swap /dev/zram0: on → off',
    ])
  })
})

describe('sysctls at boot', () => {
  const ours = '/etc/sysctl.d/99-khactl.conf'
  const step = sysctlsAtBoot({ file: ours, values: { 'net.ipv4.ip_forward': '1', 'vm.swappiness': '0' } })
  const line = (file: string, key: string, value: string): SysctlLine => ({ file, target: file, key, value })
  const facts = (lines: readonly SysctlLine[], text = '') => ({ 'sysctl files': () => lines, text: () => text })

  test('our own file, earlier ones and those that agree are no matter', () => {
    const lines = [
      line('/usr/lib/sysctl.d/50-default.conf', 'net/ipv4/ip_forward', '0'),
      line(ours, 'net/ipv4/ip_forward', '1'),
      line('/etc/sysctl.d/99-zzz.conf', 'net/ipv4/ip_forward', '1'),
    ]
    expect(shownChanges(step, facts(lines))).toEqual([])
  })

  test('a later file is told of, also before ours is written; its line is commented out', () => {
    const text = '# hi\nnet.ipv4.ip_forward = 0\nkernel.panic = 10\n'
    const { changes } = intentWith(step, facts([line('/etc/sysctl.d/99-zzz.conf', 'net/ipv4/ip_forward', '0')], text))
    expect(changes).toMatchObject([
      { path: '/etc/sysctl.d/99-zzz.conf', from: `sets net.ipv4.ip_forward = 0 at boot, after ${ours}` },
    ])
    expect(changes[0]?.text?.to).toBe('# hi\n# khactl: net.ipv4.ip_forward = 0\nkernel.panic = 10\n')
  })

  test('a setting as it is now', () => {
    const rmem = sysctl({ name: 'net.ipv4.tcp_rmem', value: '1 2\t3' })
    expect(shownChanges(rmem, { sysctl: () => '1 2 3' })).toEqual([])
    expect(shownChanges(rmem, { sysctl: () => null })).toEqual(['sysctl net.ipv4.tcp_rmem: absent → 1 2 3'])
  })
})

test('selinux: now and at boot; a kernel without it is left so', () => {
  const step = selinuxMode('permissive')
  const config = '# x\nSELINUX=enforcing\nSELINUXTYPE=targeted\n'
  expect(shownChanges(step, { selinux: () => ({ now: 'enforcing', config }) })).toEqual([
    'selinux: enforcing → permissive',
    '/etc/selinux/config: other lines → SELINUX=permissive',
  ])
  expect(shownChanges(step, { selinux: () => ({ now: 'absent', config }) })).toEqual([])
})

describe('firewall', () => {
  const step = firewallOpen({
    address: '10.0.0.1',
    openings: [
      { protocol: 'tcp', ports: { first: 6443, last: 6443 }, sources: null, use: 'API' },
      { protocol: 'tcp', ports: { first: 2379, last: 2380 }, sources: ['10.0.0.1', '10.0.0.2'], use: 'etcd' },
      { protocol: 'vrrp', ports: null, sources: ['10.0.0.3'], use: 'keepalived' },
    ],
    trusted: ['10.244.0.0/16'],
  })

  test('none runs: nothing', () => {
    expect(shownChanges(step, { firewall: () => ({ firewalld: null, ufw: null }) })).toEqual([])
  })

  test('one was switched on: all that is missing, one line a port', () => {
    const all = [
      'firewall 6443/tcp: closed → open for anyone (API)',
      'firewall 2379-2380/tcp: closed → open for 2 hosts (etcd)',
      'firewall vrrp: closed → open for 1 host (keepalived)',
      'firewall 10.244.0.0/16: closed → trusted',
    ]
    expect(shownChanges(step, { firewall: () => ({ firewalld: null, ufw: [] }) })).toEqual(all)
    const rules = { target: 'default', ports: [], rich: [], trusted: [] }
    const firewalld = { zone: 'public', runtime: rules, permanent: rules }
    expect(shownChanges(step, { firewall: () => ({ firewalld, ufw: null }) })).toEqual(all)
  })
})

test('a step that is not meant for this host has nothing to do', () => {
  const facts = { sysctl: () => '0' }
  const step = sysctl({ name: 'a.b', value: '1' })
  expect(shownChanges(given(always(false), step), facts)).toEqual([])
  expect(shownChanges(given(always(true), step), facts)).toHaveLength(1)
})
