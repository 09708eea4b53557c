// What a run may cost a host, counted on a real SSH server: round trips, connections, processes and bytes. Times are in bench/.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.js'
import { removeScratch } from '../transport/local-shell.js'
import { startRelay, type Relay } from '../transport/relay.js'
import { noSshd, startSshd, type Sshd } from '../transport/sshd.js'
import { fakeIo } from './fake-io.js'
import { writeOneHost } from './real-hosts.js'

describe.skipIf(noSshd !== '')(`what a run costs a host${noSshd}`, { timeout: 60_000 }, () => {
  let sshd: Sshd
  let relay: Relay
  let site = ''
  let motd = ''
  beforeAll(async () => {
    sshd = await startSshd([], ['ed25519'], {}, ['--pid', '--fork', '--kill-child', '--mount-proc'])
    relay = await startRelay(sshd.port)
    site = join(sshd.folder, 'site')
    motd = join(sshd.folder, 'motd')
    writeOneHost(site, { sshd, port: relay.port })
    const stage = (tasks: readonly string[]): string =>
      `name: mine\nstages:\n  - id: one\n    on: master\n    tasks:\n${tasks.map((task) => `      - ${task}\n`).join('')}`
    // A fact of nearly every kind that a prepared host is asked.
    const prepared = [
      'kernel-module: { name: overlay }',
      'sysctl: { name: net.ipv4.ip_forward, value: 1 }',
      'package: { names: [openssh-server] }',
      `directory: { path: ${site} }`,
      `file: { path: ${motd}, content: "Welcome\\n" }`,
    ]
    writeFileSync(join(site, 'prepare.yaml'), stage(prepared))
    writeFileSync(join(site, 'file.yaml'), stage([`file: { path: ${motd}, content: "Welcome\\n" }`]))
  })
  afterAll(async () => {
    await relay.close()
    await sshd.stop()
    removeScratch()
  })

  /** Process numbers are given out one after the other, so the last one tells how many there were. */
  const lastProcess = (): number => {
    const [listener = ''] = readFileSync(`/proc/${sshd.pid}/task/${sshd.pid}/children`, 'utf8').split(' ')
    const count = ['-t', listener, '-p', '-m', 'sh', '-c', 'read a b c d last </proc/loadavg; echo $last']
    return Number(execFileSync('nsenter', count).toString())
  }
  const processesOf = async (work: () => unknown): Promise<number> => {
    const before = lastProcess()
    await work()
    // The one that asks is counted too.
    return lastProcess() - before - 1
  }
  /** What sshd and the login shell's own files start on this machine for any command. */
  const login = (): Promise<number> =>
    processesOf(() => {
      const options = [
        'UserKnownHostsFile=/dev/null',
        'StrictHostKeyChecking=no',
        'IdentitiesOnly=yes',
        'BatchMode=yes',
      ]
      const words = ['-F', 'none', '-i', sshd.key, ...options.flatMap((one) => ['-o', one]), '-p', String(sshd.port)]
      execFileSync('ssh', [...words, 'root@127.0.0.1', ':'], { stdio: 'ignore' })
    })

  const costOf = async (...argv: readonly string[]) => {
    const fake = fakeIo({ cwd: site, env: { XDG_STATE_HOME: join(site, 'state') } })
    const logins = (): number => sshd.log().split('Accepted publickey').length - 1
    const bytes = (): number => relay.sent() + relay.received()
    const before = { logins: logins(), bytes: bytes() }
    let code = -1
    const processes = await processesOf(async () => (code = await main(['run', ...argv], fake.io)))
    const runs = join(site, 'state/khactl/runs')
    const log = readdirSync(runs)
      .map((name) => readFileSync(join(runs, name), 'utf8'))
      .at(-1)
    rmSync(runs, { recursive: true })
    const trips = /"roundTrips":\{"m1":(\d+)\}/.exec(log ?? '')?.[1]
    return {
      code,
      said: fake.err(),
      roundTrips: Number(trips),
      processes,
      logins: logins() - before.logins,
      bytes: bytes() - before.bytes,
    }
  }

  test('one round trip, one connection and few processes where nothing is changed', async () => {
    const cost = await costOf('prepare.yaml', '--dry-run')
    const bare = await login()
    expect([0, 2], cost.said).toContain(cost.code)
    expect(cost.roundTrips).toBe(1)
    expect(cost.logins).toBe(1)
    expect(cost.processes - bare).toBeLessThanOrEqual(30)
    expect(cost.bytes).toBeLessThanOrEqual(26_000)
  })

  test('three round trips more, for the lock with the second look, the change, and the look behind it', async () => {
    expect((await costOf('file.yaml', '--yes')).code).toBe(0)
    const none = await costOf('file.yaml', '--yes')
    writeFileSync(motd, 'Go away\n')
    const one = await costOf('file.yaml', '--yes')
    expect([none.code, one.code], one.said).toEqual([0, 0])
    expect(none.roundTrips).toBe(1)
    expect(one.roundTrips).toBe(none.roundTrips + 3)
    expect(one.logins).toBe(1)
    expect(one.processes - none.processes).toBeLessThanOrEqual(60)
  })
})
