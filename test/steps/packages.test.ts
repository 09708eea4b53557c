// Which packages are due, held or refused, and where they come from; scripts are run on real hosts (docs/lab.md).
import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { absentPackage, type PackageState } from '../../src/facts/package.js'
import type { PackageFile } from '../../src/facts/package-files.js'
import { wire } from '../../src/model/command.js'
import type { PackageSource } from '../../src/model/inventory.js'
import { aptScript, dnfScript } from '../../src/steps/package-script.js'
import { packages } from '../../src/steps/packages.js'
import { intentWith, shownChanges } from '../support/sight.js'

const step = (version: string | null, source: PackageSource = { source: 'host' }) =>
  packages({ id: 'packages:k', title: 'Install', want: [{ name: 'kubelet', version }], hold: 'hold', source })

const held = (installed: string): PackageState => ({ ...absentPackage, installed, hold: 'held' })
const facts = (state: Partial<PackageState>, more: { family?: string; files?: readonly PackageFile[] } = {}) => ({
  os: () => ({ family: more.family ?? 'debian', arch: 'x86_64' }),
  package: (name: string) => (name === 'kubelet' ? { ...absentPackage, ...state } : absentPackage),
  'package files': () => more.files ?? [],
})

describe('what is due', () => {
  test.each<[string, string | null, Partial<PackageState>, readonly string[]]>([
    ['nothing: any revision will do', '1.20.2', held('1.20.2-1.1'), []],
    ['nothing: any version will do', null, held('1.19.0-00'), []],
    ['not installed', '1.20.2', {}, ['package kubelet: absent → 1.20.2', 'package kubelet hold: absent → held']],
    [
      'not installed, any version',
      null,
      {},
      ['package kubelet: absent → newest available', 'package kubelet hold: absent → held'],
    ],
    ['an older version', '1.20.2', held('1.20.1-00'), ['package kubelet: 1.20.1-00 → 1.20.2']],
    ['the hold was lifted', '1.20.2', { ...held('1.20.2-00'), hold: 'free' }, ['package kubelet hold: free → held']],
    [
      'half installed',
      '1.20.2',
      { ...held('1.20.2-00'), condition: 'unfinished' },
      ['package kubelet: 1.20.2-00, half installed → 1.20.2'],
    ],
  ])('%s', (_, version, state, changes) => {
    expect(shownChanges(step(version), facts(state))).toEqual(changes)
  })

  test('without the plugin that holds, dnf gets it', () => {
    const state = facts({ ...held('0:1.20.2-0'), hold: 'free' }, { family: 'rhel' })
    const unlockable = {
      ...state,
      package: (name: string) => ({ ...state.package(name), locking: 'unlockable' as const }),
    }
    expect(shownChanges(step('1.20.2'), unlockable)).toEqual([
      'package python3-dnf-plugin-versionlock: absent → newest available',
      'package kubelet hold: free → held',
    ])
  })
})

describe('what is refused', () => {
  test('a downgrade', () => {
    const { changes, problems } = intentWith(step('1.20.2'), facts(held('1.21.0-00')))
    expect(changes).toEqual([])
    expect(problems).toMatchObject([
      { level: 'failure', message: 'kubelet 1.21.0-00 is installed, which is newer than the wanted 1.20.2' },
    ])
  })

  const directory: PackageSource = { source: 'directory', directory: '/p' }
  const debs = ['1.20.1-00', '1.20.2-00', '1.20.2-01'].map((version): PackageFile => ({
    path: `/p/${version}`,
    format: 'deb',
    name: 'kubelet',
    version,
    arch: 'amd64',
  }))

  test('a folder that has the package in other versions alone', () => {
    const { problems } = intentWith(step('1.20.3', directory), facts({}, { files: debs }))
    expect(problems[0]?.message).toBe('/p has kubelet only as 1.20.1-00, 1.20.2-00, 1.20.2-01, not as 1.20.3')
  })

  test('not: files for another family or machine do not count', () => {
    const { changes, problems } = intentWith(step('1.20.3', directory), facts({}, { family: 'rhel', files: debs }))
    expect([changes.length, problems.length]).toEqual([2, 0])
  })
})

describe('scripts', () => {
  const installation = {
    install: [
      { from: 'repository', name: 'kubelet', version: '1.20.2' },
      { from: 'repository', name: 'socat', version: null },
      { from: 'file', path: "/var/lib/khactl/packages/it's.deb" },
    ],
    automatic: ['conntrack'],
    hold: ['kubelet', 'g++'],
    repositories: 'tolerant',
  } as const

  test.each([
    ['apt', aptScript(installation)],
    ['dnf', dnfScript(installation)],
    ['apt, only hold', aptScript({ ...installation, install: [] })],
  ])('%s is a script that sh takes', (_, script) => {
    expect(spawnSync('/bin/sh', ['-n'], { input: wire(script) })).toMatchObject({ status: 0 })
  })

  test('never remove a lock or end who holds it (R-O1)', () => {
    const text = wire(aptScript(installation)) + wire(dnfScript(installation))
    expect(text).not.toMatch(/rm [^\n]*lock|\bkill\b|pkill|fuser -k/)
  })
})
