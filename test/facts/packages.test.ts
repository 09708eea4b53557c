// Package versions and databases, as dpkg and rpm of real hosts told them.
import { describe, expect, test } from 'vitest'
import { compareVersions, isVersion, upstreamVersion } from '../../src/facts/package-version.js'
import { packageFiles } from '../../src/facts/package-files.js'
import { packageState } from '../../src/facts/package.js'
import { told } from '../support/sight.js'

describe('versions', () => {
  test.each([
    ['1.20.2-00', '1.20.2'],
    ['1.34.1-1.1', '1.34.1'],
    ['0:1.20.2-0', '1.20.2'],
    ['1:2.2.7-1+b2', '2.2.7'],
    ['1.6.20~ds1-1+deb12u1', '1.6.20~ds1'],
    ['1.20.2', '1.20.2'],
  ])('%s is of upstream version %s', (version, upstream) => {
    expect(upstreamVersion(version)).toBe(upstream)
    expect(isVersion(version, upstream)).toBe(true)
    expect(isVersion(version, version)).toBe(true)
    expect(isVersion(version, `${upstream}0`)).toBe(false)
  })

  test('one version is not the beginning of another', () => {
    expect(isVersion('1.20.20-00', '1.20.2')).toBe(false)
    expect(isVersion('1.20.2-00', '1.20')).toBe(false)
  })

  // deb-version(7); checked against `dpkg --compare-versions`.
  test.each([
    ['1.20.2-00', '1.20.10-00'],
    ['1.9', '1.10'],
    ['1.0~rc1-1', '1.0-1'],
    ['9:1', '10:0.1'],
    ['1.0', '1.0a'],
    ['1.0a', '1.0+b'],
    ['1.20.2-0', '1.20.2-1.1'],
    ['2', '1:1'],
  ])('%s is older than %s', (older, newer) => {
    expect(compareVersions(older, newer)).toBeLessThan(0)
    expect(compareVersions(newer, older)).toBeGreaterThan(0)
    expect(compareVersions(older, older)).toBe(0)
  })
})

describe('the database of dpkg', () => {
  const dpkg =
    'debian\nkubelet\thold\tinstalled\t1.20.2-00\nsocat\tinstall\thalf-configured\t1.7\nold\tdeinstall\tconfig-files\t1\n'
  test.each([
    ['kubelet', { installed: '1.20.2-00', hold: 'held', condition: 'whole' }],
    ['socat', { installed: '1.7', hold: 'free', condition: 'unfinished' }],
    ['old', { installed: null }],
    ['nosuch', { installed: null, hold: 'free' }],
  ])('%s', (name, state) => {
    expect(told(packageState(name), dpkg)).toMatchObject({ status: 'known', state })
  })

  test('a broken one is not an empty one', () => {
    expect(told(packageState('a'), 'debian\n', { status: 2 }).status).toBe('unreadable')
  })
})

describe('the database of rpm', () => {
  const rpm = (locks: readonly string[]) =>
    `rhel\n@lockable\n${locks.map((lock) => `@lock ${lock}\n`).join('')}@asked\nkubelet\t0:1.20.2-0\npackage x is not installed\n`
  test.each([
    ['kubelet-0:1.20.2-0.*', 'held'],
    ['kubelet-1.20.2-0.x86_64', 'held'],
    ['0:kubelet-1.20.2-0.*', 'held'],
    ['kubelet-0:1.20.2-0', 'held'],
    ['kubelet-0:1.20.1-0.*', 'free'],
    ['kubelet-extra-0:1.20.2-0.*', 'free'],
    ['kubeadm-0:1.20.2-0.*', 'free'],
  ])('the lock %s: %s', (lock, hold) => {
    expect(told(packageState('kubelet'), rpm([lock]))).toMatchObject({ state: { installed: '0:1.20.2-0', hold } })
  })

  test('without the plugin nothing is held', () => {
    const text = rpm(['kubelet-0:1.20.2-0.*']).replace('@lockable\n', '')
    expect(told(packageState('kubelet'), text)).toMatchObject({ state: { hold: 'free', locking: 'unlockable' } })
  })

  test('a package that is not there', () => {
    expect(told(packageState('x'), rpm([]))).toMatchObject({ state: { installed: null } })
  })

  test('a broken one is not an empty one', () => {
    expect(told(packageState('x'), 'rhel\n').status).toBe('unreadable')
    expect(told(packageState('x'), rpm([]), { stderr: 'error: cannot open Packages database\n' }).status).toBe(
      'unreadable',
    )
  })
})

test('package files tell what they are by their names', () => {
  const names = [
    '/p/kubelet_1.20.2-00_amd64.deb',
    '/p/haproxy_2%3a2.6.12-1_arm64.deb',
    '/p/kubernetes-cni-0.8.7-0.x86_64.rpm',
    `/p/${'a'.repeat(64)}-kubeadm-1.20.2-0.x86_64.rpm`,
    '/p/odd.deb',
  ]
  const seen = told(packageFiles('/p'), `${names.join('\0')}\0\0`)
  expect(seen.status === 'known' && seen.state.map(({ name, version, arch }) => `${name} ${version} ${arch}`)).toEqual([
    'kubelet 1.20.2-00 amd64',
    'haproxy 2:2.6.12-1 arm64',
    'kubernetes-cni 0.8.7-0 x86_64',
    'kubeadm 1.20.2-0 x86_64',
  ])
  expect(told(packageFiles('/p'), '\0')).toEqual({ status: 'known', state: [] })
  expect(told(packageFiles('/p'), '\u0001\0\0')).toMatchObject({ status: 'unreadable' })
})
