// What lets go of packages and closes the firewall: only what is there, and only what is the cluster's own.
import { describe, expect, test } from 'vitest'
import { absentPackage, type PackageState } from '../../src/facts/package.js'
import { dataGone } from '../../src/steps/data-gone.js'
import { firewallClose, openForAnyone } from '../../src/steps/firewall-close.js'
import { holdsLifted } from '../../src/steps/hold-lifted.js'
import { packagesGone } from '../../src/steps/packages-gone.js'
import { withoutHostsBlock, withoutMarks } from '../../src/templates/hosts-block-gone.js'
import { withHostsBlock } from '../../src/templates/os.js'
import { shownChanges } from '../support/sight.js'
import { first as firstOf, inventory } from '../templates/fixtures.js'

const states: Readonly<Record<string, PackageState>> = {
  kubelet: { ...absentPackage, installed: '1.20.2-00', hold: 'held' },
  kubectl: { ...absentPackage, installed: '1.20.2-00' },
}
const packages = { os: () => ({ family: 'debian' }), package: (name: string) => states[name] ?? absentPackage }
const names = ['kubelet', 'kubeadm', 'kubectl']

test('holds are lifted where there are any', () => {
  expect(shownChanges(holdsLifted({ id: 'h', names }), packages)).toEqual(['package kubelet hold: held → free'])
})

test('packages go that are installed', () => {
  expect(shownChanges(packagesGone({ id: 'p', names }), packages)).toEqual([
    'package kubelet: 1.20.2-00 → absent',
    'package kubectl: 1.20.2-00 → absent',
  ])
})

test("of a folder goes what is the service's", () => {
  const step = dataGone({
    ...{ id: 'd', title: 'Remove' },
    folders: ['/data', '/other'].map((path) => ({ path, of: 'images', isData: (name) => name.startsWith('io.') })),
  })
  const entries = (path: string) => [{ path, entries: path === '/data' ? ['io.x', 'mine'] : ['mine'] }]
  expect(shownChanges(step, { 'folder entries': entries })).toEqual(['/data: images → absent'])
})

describe('the firewall', () => {
  const port = (first: number) => ({ protocol: 'tcp', ports: { first, last: first } }) as const
  const openings = [
    { ...port(6443), sources: null, use: 'API' },
    { ...port(2379), sources: ['10.0.0.21', '10.0.0.22'], use: 'etcd' },
  ]
  const wanted = { id: 'f', address: '10.0.0.21', openings, trusted: ['10.244.0.0/16'] }
  const tuple = (text: string) => `allow ${text} in`
  const ufw = [
    tuple('tcp 22 0.0.0.0/0 any 0.0.0.0/0'),
    tuple('tcp 6443 0.0.0.0/0 any 0.0.0.0/0'),
    tuple('tcp 2379 0.0.0.0/0 any 10.0.0.21'),
    tuple('any any 0.0.0.0/0 any 10.244.0.0/16'),
  ]

  test("ufw lets go of rules that name the cluster's addresses; who lets anyone in is named", () => {
    const have = { firewalld: null, ufw }
    expect(shownChanges(firewallClose(wanted), { firewall: () => have })).toEqual([
      `ufw ${ufw[2]}: let in → absent`,
      `ufw ${ufw[3]}: let in → absent`,
    ])
    expect(openForAnyone(openings, have)).toEqual(openings.slice(0, 1))
  })

  test('firewalld too, in force or after a reload', () => {
    const rule = 'rule family="ipv4" source address="10.0.0.22" port port="2379" protocol="tcp" accept'
    const zone = { target: 'default', ports: ['6443/tcp'], rich: [], trusted: ['10.244.0.0/16', '192.0.2.0/24'] }
    const have = {
      ufw: null,
      firewalld: { zone: 'public', runtime: zone, permanent: { ...zone, rich: [rule], trusted: [] } },
    }
    expect(shownChanges(firewallClose(wanted), { firewall: () => have })).toEqual([
      `firewalld ${rule}: let in → absent`,
      'firewalld 10.244.0.0/16: let in → absent',
    ])
  })
})

describe('texts of others', () => {
  const text = '127.0.0.1 localhost\n# mine\n10.1.1.1 a\n'

  test('the block goes, wherever it stands', () => {
    const put = withHostsBlock(text, { inventory: inventory('1.30.4'), host: firstOf(inventory('1.30.4').hosts) })
    expect(put).not.toBe(text)
    expect(withoutHostsBlock(put)).toBe(text)
    expect(withoutHostsBlock(`${put}# after\n`)).toBe(`${text}# after\n`)
    expect(withoutHostsBlock(text)).toBe(text)
  })

  test('lines that were commented out count again, other comments stay', () => {
    expect(withoutMarks('# khactl: net.ipv4.ip_forward = 0\n# a comment\n')).toBe(
      'net.ipv4.ip_forward = 0\n# a comment\n',
    )
  })
})
