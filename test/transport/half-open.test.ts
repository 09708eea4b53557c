// Links that look open and are dead, and slow ones that are not (R-S1), against a real sshd; with 10 s of silence for each of these 0.15.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Connector, Session } from '../../src/model/session.js'
import { createConnector } from '../../src/transport/connector.js'
import { createLasting } from '../../src/transport/lasting.js'
import { removeScratch, scratch, until } from './local-shell.js'
import { startRelay, type Relay, type Slowness } from './relay.js'
import { noSshd, startSshd, type Sshd } from './sshd.js'

const alive = 150
const sh = (script: string) => ({ script: { parts: [script] }, within: 60_000 })
const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no failure',
    (error: unknown) => error,
  )

let sshd: Sshd
const open: { relay: Relay; connector: Connector }[] = []
beforeAll(async () => {
  if (noSshd === '') sshd = await startSshd()
})
afterAll(async () => {
  for (const { relay, connector } of open) {
    await connector.closeAll()
    await relay.close()
  }
  if (noSshd === '') await sshd.stop()
  removeScratch()
})

const through = async (
  { lasting = 'no', ...slowness }: { lasting?: 'yes' | 'no' } & Slowness = {},
  notes: string[] = [],
): Promise<{ relay: Relay; session: Session; connector: Connector; count: string }> => {
  const relay = await startRelay(sshd.port, slowness)
  const folder = scratch()
  const host = { ...sshd.host({ port: relay.port, knownHosts: join(folder, 'known_hosts') }) }
  const direct = createConnector({
    hosts: [host],
    agentSocket: undefined,
    limits: { alive, shell: 5000, retries: [] },
  })
  const connector =
    lasting === 'no'
      ? direct
      : createLasting({
          connector: direct,
          tell: (_, { text }) => void notes.push(text),
          givesUp: () => false,
          limits: { within: 30_000, pauses: [50] },
        })
  open.push({ relay, connector })
  return { relay, connector, session: await connector.connect(host.name), count: join(folder, 'count') }
}

describe.skipIf(noSshd !== '').concurrent(`a half-open link${noSshd}`, () => {
  it('is noticed before a channel is opened', async () => {
    const { relay, session } = await through()
    // The second channel, for questions to the cluster: none comes, and the first one is lost too.
    relay.freeze()
    expect(await failure(session.request('cluster', sh('echo')))).toMatchObject({
      code: expect.stringMatching(/^ssh\.(lost|unsent)$/),
    })
  })

  it('is noticed after a KiB of output', async () => {
    const { relay, session } = await through()
    const lines: string[] = []
    const asked = session.request('own', {
      ...sh('head -c 1024 /dev/zero | tr "\\0" x; echo; sleep 30'),
      onLine: (line) => void lines.push(line),
    })
    const lost = failure(asked)
    await until(() => lines.length > 0, 10_000)
    relay.freeze()
    expect(await lost).toMatchObject({
      code: 'ssh.lost',
      message: expect.stringContaining('not a word from the host for'),
      details: { exit: 'unreachable', status: null },
    })
  })

  it('is noticed during an upload', async () => {
    const { relay, session } = await through()
    const before = relay.sent()
    const lost = failure(session.request('own', { ...sh('cat >/dev/null'), stdin: Buffer.alloc(12 * 1024 * 1024) }))
    await until(() => relay.sent() - before > 200_000, 10_000)
    relay.freeze()
    expect(await lost).toMatchObject({ code: 'ssh.lost' })
  })

  it('is made again, and a look on it asked again, but no command', async () => {
    const notes: string[] = []
    const { relay, session, count } = await through({ lasting: 'yes' }, notes)
    const command = failure(session.request('own', sh(`echo x >>${count}; sleep 30`)))
    await until(() => existsSync(count), 10_000)
    relay.freeze()
    expect(await command).toMatchObject({ code: 'ssh.lost' })
    relay.thaw()
    expect((await session.request('own', sh('echo well'))).stdout.toString()).toBe('well\n')
    expect(readFileSync(count, 'utf8')).toBe('x\n')
    const look = session.request('own', { ...sh(`echo y >>${count}; sleep 0.5; echo seen`), repeat: 'harmless' })
    await until(() => readFileSync(count, 'utf8').includes('y'), 10_000)
    relay.cut()
    expect((await look).stdout.toString()).toBe('seen\n')
    expect(readFileSync(count, 'utf8')).toBe('x\ny\ny\n')
    expect(notes.map((text) => text.replace(/^.*(?=connect)/, ''))).toEqual([
      'connecting again',
      expect.stringMatching(/^connected again after \d+ s$/),
      'connecting again',
      expect.stringMatching(/^connected again after \d+ s$/),
    ])
  })
})

describe.skipIf(noSshd !== '').concurrent(`a slow link${noSshd}`, () => {
  it('is not taken for a dead one, however much stands in the way of its answers', async () => {
    // The answers to `are you there?` stand behind two megabytes, for a second or more.
    const { session } = await through({ delay: 50, rate: 1500 })
    const { status, stdout } = await session.request('own', sh('head -c 4000000 /dev/zero; echo end'))
    expect([status, stdout.length]).toEqual([0, 4_000_004])
  })
})

it.skipIf(noSshd !== '')(`nothing is left to wait for after all that${noSshd}`, async () => {
  const before = sockets()
  const { session, connector, relay } = await through({ lasting: 'yes' })
  relay.freeze()
  const look = failure(session.request('own', { ...sh('true'), repeat: 'harmless' }))
  await until(() => relay.received() > 0)
  await connector.closeAll()
  expect(await look).toMatchObject({ code: expect.stringMatching(/^ssh\./) })
  await relay.close()
  await until(() => sockets() <= before, 5_000)
})

const sockets = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
