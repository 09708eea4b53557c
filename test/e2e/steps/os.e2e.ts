// The steps that need systemd and a kernel of their own to try, on one bare host of the lab.
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KhactlError } from '../../../src/model/error.js'
import type { Command } from '../../../src/model/command.js'
import type { RunOptions } from '../../../src/model/step.js'
import { raw } from '../../../src/text/sh.js'
import { contentHash, file } from '../../../src/steps/file.js'
import { module } from '../../../src/steps/kernel-module.js'
import { swapOff } from '../../../src/steps/swap.js'
import { sysctlsAtBoot } from '../../../src/steps/sysctl-at-boot.js'
import { sysctl } from '../../../src/steps/sysctl.js'
import { transient, type Job } from '../../../src/steps/transient.js'
import { unit } from '../../../src/steps/unit.js'
import { insideController } from '../../lab/network.js'
import { applyAll, changesOf, checkLaws } from '../../support/laws.js'
import { createHost, writersOf, type TestHost } from '../../support/local-host.js'
import { openLab, run } from '../support/lab.js'

const name = 'steps'
const env = { KHACTL_LAB: name }
const labCommand = [join('node_modules', '.bin', 'tsx'), join('test', 'lab', 'main.ts')]
let host: TestHost

beforeAll(async () => {
  await run([...labCommand, 'down'], { env })
  const { status, stderr } = await run([...labCommand, 'up', '--profile', 'many', '--hosts', '1'], { env })
  if (status !== 0) throw new Error(stderr)
  const lab = await openLab(name)
  const address = (await lab.on('host-1', 'hostname -I')).trim().split(' ')[0] ?? ''
  const state = dirname(lab.inventory)
  // One connection for hundreds of scripts; it goes with the host.
  const options = ['StrictHostKeyChecking=no', 'LogLevel=ERROR', 'ControlMaster=auto', 'ControlPersist=60'].concat(
    `UserKnownHostsFile=${join(state, 'known_hosts')}`,
    `ControlPath=${join(state, 'steps-%h')}`,
  )
  const ssh = ['ssh', '-i', join(state, 'id_ed25519'), ...options.flatMap((option) => ['-o', option])]
  host = createHost(insideController(name, ...ssh, `root@${address}`))
})
afterAll(async () => {
  await run([...labCommand, 'down'], { env })
})

const on = (script: string): string => {
  const { status, stdout, stderr } = host.send(raw(script), {})
  if (status !== 0) throw new Error(`${script}: ${stderr.toString()}`)
  return stdout.toString()
}

describe('a transient job', () => {
  const start = (job: Omit<Job, 'within'>, within = 60_000) => transient(writersOf(host).self, { within, ...job })
  const failure = (job: Omit<Job, 'within'>, within = 60_000): Promise<KhactlError> =>
    start(job, within).then(
      () => Promise.reject(new Error('it should have failed')),
      (error: unknown) => error as KhactlError,
    )

  test('gives status and tail, and leaves log and status to root alone', async () => {
    const stdin = Buffer.from('a secret\n')
    const outcome = await start({
      name: 'ok',
      command: raw('read -r l; echo "got ${#l}"; umask; exit 3'),
      stdin,
      expect: [3],
    })
    expect(outcome).toEqual({ how: 'started', status: 3, tail: ['got 8', '0022'] })
    expect(on('cd /run/khactl/run; stat -c "%n %a %U" . *')).toBe(
      '. 700 root\nok.id 600 root\nok.log 600 root\nok.status 600 root\n',
    )
    expect(on('systemctl list-units --all --no-legend khactl-ok.service')).toBe('')
  })

  test('that fails says the last thing its script said', async () => {
    const error = await failure({
      name: 'bad',
      command: raw('echo noise; echo "khactl: no such thing"; exit 1'),
      summary: 'do it',
    })
    expect(error).toMatchObject({
      code: 'job.failed',
      message: 'no such thing',
      details: { status: 1, command: 'do it' },
    })
  })

  test('is waited for, not started again', async () => {
    on('rm -f /tmp/count')
    const job = { name: 'once', command: raw('echo x >>/tmp/count; sleep 7; echo done') }
    // The first khactl dies after a second.
    const cut = {
      ...host,
      change: (command: Command, options: RunOptions) => host.send(command, { ...options, within: 1000 }),
    }
    await expect(transient(writersOf(cut).self, { ...job, within: 60_000 })).rejects.toThrow()
    const outcome = await start({ name: 'once', command: raw('echo never >>/tmp/count') })
    expect(outcome).toEqual({ how: 'attached', status: 0, tail: ['done'] })
    expect(on('cat /tmp/count')).toBe('x\n')
  })

  test('that takes too long is stopped', async () => {
    const late = await failure({ name: 'late', command: raw('sleep 60') }, 2000)
    expect(late.code).toBe('job.late')
    expect(on('systemctl is-active khactl-late || true')).toBe('inactive\n')
  })

  test('that is killed has no status, which is no success', async () => {
    on('(sleep 2; systemctl kill -s KILL khactl-killed) >/dev/null 2>&1 &')
    const error = await failure({ name: 'killed', command: raw('sleep 30') })
    expect(error.code).toBe('job.unknown')
    expect(on('ls /run/khactl/run')).not.toMatch(/killed\.(sh|in)/)
  })
})

// Without a folder's total: blocks of a file just written are counted only once the kernel gives it some.
const snapshot = () =>
  on(
    'cat /etc/fstab /etc/sysctl.d/* 2>/dev/null; systemctl list-unit-files --type=swap --no-legend; ls -lR --time-style=full-iso /etc | grep -v ^total',
  )

test('swap keeps the laws', async () => {
  await checkLaws({
    host,
    steps: [swapOff()],
    snapshot,
    reset: () =>
      on(`printf '# mounts\\n/swapfile none swap sw 0 0\\n' >/etc/fstab; chmod 0640 /etc/fstab
rm -f /etc/systemd/system/dev-a.swap
printf '[Swap]\\nWhat=/dev/a\\n' >/usr/lib/systemd/system/dev-a.swap
printf '[Swap]\\nWhat=/dev/b\\n[Install]\\nWantedBy=swap.target\\n' >/etc/systemd/system/dev-b.swap
systemctl daemon-reload; systemctl enable -q dev-b.swap`),
    tampering: [
      { name: 'fstab', by: () => on('echo "UUID=1 none swap sw 0 0" >>/etc/fstab'), shows: ['/etc/fstab'] },
      { name: 'unit', by: () => on('systemctl unmask -q dev-a.swap'), shows: ['unit dev-a.swap boot'] },
      { name: 'own unit', by: () => on('systemctl enable -q dev-b.swap'), shows: ['unit dev-b.swap boot'] },
    ],
  })
  expect(on('cat /etc/fstab; stat -c %a /etc/fstab')).toBe('# mounts\n# khactl: /swapfile none swap sw 0 0\n640\n')
})

test('modules and sysctls, now and at boot, keep the laws', async () => {
  const path = '/etc/sysctl.d/99-khactl.conf'
  const values = { 'net.ipv4.ip_forward': '1', 'net.bridge.bridge-nf-call-iptables': '1' }
  await checkLaws({
    host,
    steps: [
      module({ name: 'overlay' }),
      module({ name: 'br_netfilter' }),
      file({
        path,
        content: Object.entries(values)
          .map(([key, value]) => `${key} = ${value}\n`)
          .join(''),
        mode: 0o644,
      }),
      sysctlsAtBoot({ file: path, values }),
      ...Object.entries(values).map(([key, value]) => sysctl({ name: key, value })),
    ],
    snapshot,
    reset: () => on(`rm -f ${path} /etc/sysctl.d/99-zzz.conf; sysctl -qw net.ipv4.ip_forward=0`),
    tampering: [
      { name: 'now', by: () => on('sysctl -qw net.ipv4.ip_forward=0'), shows: ['sysctl net.ipv4.ip_forward'] },
      { name: 'mode', by: () => on(`chmod 0666 ${path}`), shows: [`${path} mode`] },
      {
        name: 'a later file',
        by: () => on('echo net.ipv4.ip_forward=0 >/etc/sysctl.d/99-zzz.conf'),
        shows: ['/etc/sysctl.d/99-zzz.conf'],
      },
    ],
  })
  on('/lib/systemd/systemd-sysctl')
  expect(on('sysctl -n net.ipv4.ip_forward')).toBe('1\n')
})

test('a unit and the file it reads keep the laws, and the unit restarts only when it must', async () => {
  const path = '/etc/khactl-test.conf'
  const content = 'wanted\n'
  const service = `[Service]\nExecStart=/bin/sleep infinity\nExecReload=/bin/true\n[Install]\nWantedBy=multi-user.target\n`
  const definition = '/etc/systemd/system/khactl-test.service'
  const steps = [
    file({ path: definition, content: service, mode: 0o644 }),
    file({ path, content, mode: 0o600 }),
    unit({
      name: 'khactl-test',
      boot: 'enabled',
      run: 'running',
      reads: [
        { path: definition, sha256: contentHash(service), onChange: 'restart' },
        { path, sha256: contentHash(content), onChange: 'reload' },
      ],
    }),
  ]
  const pid = () => on('systemctl show -p MainPID --value khactl-test')
  await checkLaws({
    host,
    steps,
    snapshot: () => `${pid()}${snapshot()}`,
    reset: () =>
      on(`systemctl disable -q --now khactl-test 2>/dev/null; rm -f ${path} ${definition}; systemctl daemon-reload`),
    tampering: [
      { name: 'disabled', by: () => on('systemctl disable -q khactl-test'), shows: ['unit khactl-test boot'] },
      { name: 'stopped', by: () => on('systemctl stop khactl-test'), shows: ['unit khactl-test state'] },
      { name: 'touched', by: () => on(`sleep 1.1; touch ${path}`), shows: [] },
      { name: 'content', by: () => on(`echo other >${path}`), shows: [path] },
      {
        name: 'content, and reloaded by hand',
        by: () => on(`echo other >${path}; systemctl reload khactl-test; sleep 1.1`),
        shows: [path, 'unit khactl-test configuration'],
      },
    ],
  })
  const before = pid()
  on(`sleep 1.1; sed -i s/wanted/other/ ${path}; systemctl reload khactl-test; sleep 1.1`)
  const [, config, last] = steps
  if (!config || !last) throw new Error('no steps')
  await applyAll(host, [config, last])
  expect(changesOf(host, [config, last])).toEqual([])
  expect(pid()).toBe(before)
})
