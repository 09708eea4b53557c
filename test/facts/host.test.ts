// Facts of a host's operating system: parsers on recorded answers, and whole facts against this machine.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync, mkdirSync, chmodSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { fileState } from '../../src/facts/file.js'
import { firewall } from '../../src/facts/firewall.js'
import { os } from '../../src/facts/os.js'
import { selinux } from '../../src/facts/selinux.js'
import { swap } from '../../src/facts/swap.js'
import { linesAfter, sysctlLines, sysctlValue } from '../../src/facts/sysctl.js'
import { textOf } from '../../src/facts/text.js'
import { unitName, unitState, type UnitState } from '../../src/facts/unit.js'
import { wire } from '../../src/model/command.js'
import type { Kind } from '../../src/model/fact.js'
import { each, see } from '../../src/model/look.js'
import { raw } from '../../src/text/sh.js'
import { createHost, observe } from '../support/local-host.js'
import { told } from '../support/sight.js'

const root = mkdtempSync(join(tmpdir(), 'khactl-facts-'))
afterAll(() => rmSync(root, { recursive: true }))

describe('os', () => {
  const release = (lines: string) => `6.1.0 x86_64\nrunning\n${lines}`
  test.each([
    ['ID=debian\nVERSION_ID="12"', 'debian'],
    ['ID=ubuntu\nID_LIKE=debian', 'debian'],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"', 'rhel'],
    ['ID=fedora', 'rhel'],
    ['ID=alpine', null],
  ])('%s is of the family %s', (lines, family) => {
    expect(told(os(), release(lines))).toMatchObject({
      status: 'known',
      state: { family, arch: 'x86_64', kernel: '6.1.0' },
    })
  })
})

test('files of every kind, in one request, with odd names', () => {
  const path = (name: string) => join(root, name)
  writeFileSync(path('a \'b"\\\nc'), 'text')
  chmodSync(path('a \'b"\\\nc'), 0o4711)
  mkdirSync(path('folder'))
  symlinkSync('nowhere', path('link'))
  const host = createHost()
  const paths = ['a \'b"\\\nc', 'folder', 'link', 'none', 'none/below']
  const seen = observe(host, each(paths.map((name) => see(fileState(path(name))))))
  expect(host.rounds).toBe(1)
  expect(seen).toMatchObject({
    state: [
      {
        kind: 'file',
        mode: 0o4711,
        size: 4,
        sha256: '982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1',
      },
      { kind: 'directory', sha256: null },
      { kind: 'link', sha256: null },
      { kind: 'absent' },
      { kind: 'absent' },
    ],
  })
})

test('what cannot be looked at is not absent', () => {
  const stderr = "stat: cannot statx '/x': Permission denied\n"
  expect(told(fileState('/x'), '\0', { stderr }).status).toBe('unreadable')
  expect(told(fileState('/x'), '\0', { stderr: "stat: cannot statx '/x': No such file or directory\n" })).toMatchObject(
    {
      state: { kind: 'absent' },
    },
  )
})

test('texts keep every byte', () => {
  const path = join(root, 'text')
  writeFileSync(path, 'ü\n\n')
  const host = createHost()
  expect(observe(host, see(textOf(path)))).toMatchObject({ state: 'ü\n\n' })
  expect(observe(host, see(textOf(join(root, 'none'))))).toMatchObject({ state: null })
})

test("a file's text comes along unless it has the hash that is wanted", () => {
  const [path, odd] = [join(root, 'shown'), join(root, 'a\nb\\c')]
  writeFileSync(path, 'old\n\n')
  writeFileSync(odd, '')
  const host = createHost()
  const of = (at: string, textUnless: string | null) => observe(host, see(fileState(at, { textUnless })))
  const hash = createHash('sha256').update('old\n\n').digest('hex')
  expect(of(path, '0'.repeat(64))).toMatchObject({ state: { sha256: hash, text: 'old\n\n' } })
  for (const seen of [of(path, hash), of(path, null), of(root, hash), of(join(root, 'none'), hash)])
    expect(seen).toMatchObject({ status: 'known', state: expect.not.objectContaining({ text: expect.anything() }) })
  expect(of(odd, '0'.repeat(64))).toMatchObject({ state: { sha256: expect.stringMatching(/^e3b0c442/), text: '' } })
  // One that changed between its hash and its text is not passed off as what was hashed.
  const answer = `${path}\u000081a4\0root:root\u00005\u00001\0\0${hash}  ${path}\0\0${path}\0${btoa('new')}\0\0`
  expect(told(fileState(path, { textUnless: '0'.repeat(64) }), answer).status).toBe('unreadable')
})

describe('sysctl', () => {
  test('of this kernel', () => {
    const host = createHost()
    const seen = observe(
      host,
      each(['kernel.ostype', 'kernel.no_such', 'net/ipv4/tcp_rmem'].map((name) => see(sysctlValue(name)))),
    )
    expect(seen).toMatchObject({ state: ['Linux', null, expect.stringMatching(/^\d+ \d+ \d+$/)] })
  })

  const answer = (files: readonly (readonly [string, string])[]) =>
    `${files.map(([path]) => `${path}\0${path}\0`).join('')}\0${files
      .flatMap(([path, text]) => text.split('\n').map((line) => `${path}\0${line}\n`))
      .join('')}`
  const after = (files: readonly (readonly [string, string])[]) => {
    const seen = told(sysctlLines(), answer(files))
    if (seen.status !== 'known') throw new Error(seen.status)
    return linesAfter(seen.state, { file: '/etc/sysctl.d/99-khactl.conf', name: 'net.ipv4.ip_forward' }).map(
      ({ file, value }) => `${file} ${value}`,
    )
  }

  test('the file that comes last by name wins at boot, whatever its folder', () => {
    expect(
      after([
        ['/etc/sysctl.d/99-khactl.conf', 'net.ipv4.ip_forward = 1'],
        ['/usr/lib/sysctl.d/50-default.conf', 'net.ipv4.ip_forward=0'],
        ['/usr/lib/sysctl.d/99-zzz.conf', '-net/ipv4/ip_forward=0\nvm.swappiness = 1'],
      ]),
    ).toEqual(['/usr/lib/sysctl.d/99-zzz.conf 0'])
  })

  test('a file hides its namesake in a later folder', () => {
    expect(
      after([
        ['/etc/sysctl.d/99-zzz.conf', '# nothing'],
        ['/usr/lib/sysctl.d/99-zzz.conf', 'net.ipv4.ip_forward=0'],
      ]),
    ).toEqual([])
  })
})

describe('unit', () => {
  const block = `Id=haproxy.service
LoadState=loaded
UnitFileState=enabled
ActiveState=active
SubState=running
Result=success
ExecMainStatus=0
ExecMainStartTimestamp=Sat 2026-11-21 02:00:05 UTC
InactiveExitTimestamp=Sat 2026-11-21 02:00:04 UTC
ActiveEnterTimestampMonotonic=5000
StateChangeTimestampMonotonic=9000
StateChangeTimestamp=Sat 2026-11-21 02:10:00 UTC
InvocationID=a9a90c2bf4e940cf8f7f8864483b7b35
MainPID=42
NeedDaemonReload=no
ConditionResult=yes
ConditionTimestamp=Sat 2026-11-21 02:00:04 UTC
NRestarts=0
`
  test('with its stamp', () => {
    const stamp = `a9a90c2bf4e940cf8f7f8864483b7b35 9000\n${'f'.repeat(64)}  /etc/haproxy/haproxy.cfg\n`
    expect(told(unitState('haproxy'), `${stamp}\u00001\0${block}`)).toMatchObject({
      state: {
        load: 'loaded',
        file: 'enabled',
        active: 'active',
        pid: 42,
        startedAt: Date.UTC(2026, 10, 21, 2, 0, 5) / 1000,
        reloadedAt: Date.UTC(2026, 10, 21, 2, 10, 0) / 1000,
        stamp: { stateChange: '9000', reads: { '/etc/haproxy/haproxy.cfg': 'f'.repeat(64) } },
      },
    })
  })

  test('half a stamp is none; a unit that does not exist is absent', () => {
    expect(told(unitState('haproxy'), `a9a9\u00001\0${block}`)).toMatchObject({ state: { stamp: null } })
    const absent = 'Id=x.service\nLoadState=not-found\nUnitFileState=\nActiveState=inactive\nSubState=dead\n'
    expect(told(unitState('x'), `\u00001\0${absent}`)).toMatchObject({
      state: { load: 'absent', file: '', startedAt: null },
    })
  })

  test('systemd is asked only for units that it can have', () => {
    const folder = mkdtempSync(join(tmpdir(), 'khactl-units-'))
    const units = join(folder, 'units')
    mkdirSync(units)
    writeFileSync(join(units, 'here.service'), '')
    symlinkSync('/nowhere', join(units, 'linked.service'))
    const fake = `#!/bin/sh\nshift 3; for u; do [ "$u" = -- ] || printf 'Id=%s\\nLoadState=loaded\\n\\n' "$u"; done`
    writeFileSync(join(folder, 'systemctl'), fake, { mode: 0o755 })
    const names = ['gone', 'here', 'linked', 'dev-disk-by\\x2duuid.swap', 'at@1']
    const kind = unitState('here').kind as Kind<string, UnitState> | undefined
    const script = wire(kind?.ask(names.map((name) => unitName(name))) ?? raw('')).replace(
      '/etc/systemd/system ',
      `${units} `,
    )
    const stdout = execFileSync('/bin/sh', ['-c', script], { env: { PATH: `${folder}:/usr/bin:/bin` } })
    rmSync(folder, { recursive: true })
    const seen = kind?.tell({ stdout, stderr: Buffer.alloc(0), status: 0 }, names)
    expect(seen?.map((one) => (one.status === 'known' ? one.state.load : one.status))).toEqual([
      ...['absent', 'loaded', 'loaded', 'loaded', 'loaded'],
    ])
  })

  test('an answer with a unit missing is unreadable, not shifted', () => {
    expect(told(unitState('haproxy'), '\u00001\0', { stderr: 'Failed to connect to bus' })).toMatchObject({
      status: 'unreadable',
      why: expect.stringContaining('Failed to connect to bus'),
    })
  })

  test('names', () => {
    expect(unitName('haproxy')).toBe('haproxy.service')
    expect(unitName('dev-sda2.swap')).toBe('dev-sda2.swap')
    expect(() => unitName('a b')).toThrow('not a unit name')
  })
})

test('swap from everywhere it can come from', () => {
  const fstab = 'UUID=1 / ext4 defaults 0 1\n/swap none swap sw 0 0\n'
  const answer = `/dev/vdb partition 1 0 -2\n\0${Buffer.from(fstab).toString('base64')}.\0dev-foo.swap static elsewhere\n\0on\n\0`
  expect(told(swap(), answer)).toEqual({
    status: 'known',
    state: {
      active: ['/dev/vdb'],
      fstab,
      units: [{ name: 'dev-foo.swap', boot: 'static', place: 'elsewhere' }],
      zram: 'on',
    },
  })
  expect(told(swap(), '\0\0\0\0')).toMatchObject({ state: { active: [], fstab: null, units: [], zram: 'off' } })
})

test('selinux', () => {
  expect(told(selinux(), '1\0+SELINUX=enforcing\n\0')).toMatchObject({
    state: { now: 'enforcing', config: 'SELINUX=enforcing\n' },
  })
  expect(told(selinux(), '\0\0')).toMatchObject({ state: { now: 'absent', config: null } })
})

test('firewalld and ufw, as they answered', () => {
  const zone = `public (active)
  target: default
  sources: 
  ports: 6443/tcp 2379-2380/tcp
  rich rules: 
\trule family="ipv4" source address="10.0.0.1" port port="10250" protocol="tcp" accept
`
  const trusted = 'trusted\n  target: ACCEPT\n  sources: 10.244.0.0/16\n  ports: \n  rich rules: \n'
  const firewalld = `@firewalld public\n@zone public\n${zone}@zone trusted\n${trusted}@zone public\npublic\n  target: default\n@zone trusted\n`
  expect(
    told(firewall('10.0.0.1'), `${firewalld}@ufw\n### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in comment=61\n`),
  ).toMatchObject({
    state: {
      firewalld: {
        zone: 'public',
        runtime: {
          ports: ['6443/tcp', '2379-2380/tcp'],
          rich: ['rule family="ipv4" source address="10.0.0.1" port port="10250" protocol="tcp" accept'],
          trusted: ['10.244.0.0/16'],
        },
        permanent: { ports: [], rich: [], trusted: [] },
      },
      ufw: ['allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in'],
    },
  })
  expect(told(firewall('10.0.0.1'), '')).toEqual({ status: 'known', state: { firewalld: null, ufw: null } })
})
