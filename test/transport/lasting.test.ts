// A session that outlives its connections, over connections that fail as they are told to: repeats, locks, and giving up.
import { describe, expect, it } from 'vitest'
import { KhactlError, type ExitClass } from '../../src/model/error.js'
import type { HostName } from '../../src/model/host.js'
import type { Answer, LockManner, LockResult, Request, Session } from '../../src/model/session.js'
import { createLasting } from '../../src/transport/lasting.js'
import type { ReconnectLimits } from '../../src/transport/reconnect.js'
import { createSession } from '../../src/transport/session.js'
import type { ShellRequest } from '../../src/transport/shell.js'
import { place } from './local-shell.js'

const name = 'web-1' as HostName
const error = (code: string, exit: ExitClass = 'unreachable') => new KhactlError(code, { message: code, exit })
const answer: Answer = { status: 0, stdout: Buffer.from('well'), stderr: Buffer.alloc(0) }

/** What each connection in turn does: a code to refuse the login with, or how its requests and locks end. */
type Connection = string | { readonly requests?: readonly string[]; readonly locks?: readonly LockResult[] }

const world = (connections: readonly Connection[], limits: Partial<ReconnectLimits> = {}) => {
  const did: string[] = []
  const notes: string[] = []
  let made = 0
  const open = (of: Exclude<Connection, string>, number: number): Session => {
    const [requests, locks] = [[...(of.requests ?? [])], [...(of.locks ?? [])]]
    let trips = 0
    return {
      host: name,
      request: async (_, { script }: Request) => {
        trips += 1
        did.push(`${number} ${(typeof script === 'function' ? script() : script).parts.join('')}`)
        const end = requests.shift() ?? 'ok'
        await Promise.resolve()
        if (end !== 'ok') throw error(end)
        return answer
      },
      lock: async (owner: string, manner: LockManner) => {
        did.push(`${number} lock ${owner} ${manner}`)
        await Promise.resolve()
        return locks.shift() ?? { kind: 'held' }
      },
      roundTrips: () => trips,
      close: async () => {
        await Promise.resolve()
        did.push(`${number} close`)
      },
    }
  }
  const connector = createLasting({
    connector: {
      connect: () => {
        made += 1
        const next = connections[made - 1] ?? {}
        return typeof next === 'string' ? Promise.reject(error(next)) : Promise.resolve(open(next, made))
      },
      closeAll: () => Promise.resolve(),
    },
    tell: (_, { text }) => void notes.push(text),
    givesUp: () => false,
    limits: { pauses: [1], afterRefusal: 1, lockEvery: 1, ...limits },
  })
  return { connector, did, notes, connect: () => connector.connect(name), made: () => made }
}
const look: Request = { script: { parts: ['look'] }, within: 1000, repeat: 'look' }
const harmless: Request = { script: { parts: ['again'] }, within: 1000, repeat: 'harmless' }
const change: Request = { script: { parts: ['change'] }, within: 1000 }
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'ok',
    (thrown: unknown) => (thrown as KhactlError).code,
  )

describe('a lost answer', () => {
  it('to a look is asked for again, on a new connection', async () => {
    const { connect, did, notes } = world([{ requests: ['ssh.lost'] }])
    const session = await connect()
    expect((await session.request('own', look)).stdout.toString()).toBe('well')
    expect(did).toEqual(['1 look', '1 close', '2 look'])
    expect(notes).toEqual(['ssh.lost; connecting again', 'connected again after 1 s'])
    expect(session.roundTrips()).toBe(2)
  })

  it.each(['ssh.lost', 'ssh.deadline'])('to a change (%s) is nobody’s to guess: it is not sent again', async (code) => {
    const { connect, did } = world([{ requests: [code] }])
    const session = await connect()
    expect(await codeOf(session.request('own', change))).toBe(code)
    expect(await codeOf(session.request('own', look))).toBe('ok')
    expect(did).toEqual(['1 change', '1 close', '2 look'])
  })

  it('of a change that never left is no lost answer', async () => {
    const { connect, did } = world([{ requests: ['ssh.unsent'] }])
    expect(await codeOf((await connect()).request('own', change))).toBe('ok')
    expect(did).toEqual(['1 change', '1 close', '2 change'])
  })

  it('three times is left at that', async () => {
    const lossy = { requests: ['ssh.lost'] }
    const { connect, did } = world([lossy, lossy, lossy, lossy])
    expect(await codeOf((await connect()).request('own', look))).toBe('ssh.lost')
    expect(did.filter((line) => line.endsWith('look'))).toHaveLength(3)
  })

  it('of two at once makes one new connection', async () => {
    const { connect, made } = world([{ requests: ['ssh.lost', 'ssh.lost'] }])
    const session = await connect()
    await Promise.all([session.request('own', look), session.request('cluster', look)])
    expect(made()).toBe(2)
  })
})

describe('a host', () => {
  it('that restarts is waited for, also while it refuses logins', async () => {
    const { connect, made } = world([{ requests: ['ssh.lost'] }, 'ssh.unreachable', 'ssh.deadline', 'ssh.auth', {}])
    expect(await codeOf((await connect()).request('own', look))).toBe('ok')
    expect(made()).toBe(5)
  })

  it('that does not come back is given up, once, and nothing waits for it again', async () => {
    const away = Array.from({ length: 1000 }, () => 'ssh.unreachable')
    const { connect, connector, made } = world([{ requests: ['ssh.lost'] }, ...away], { withinUnlocked: 20 })
    const session = await connect()
    expect(await codeOf(session.request('own', look))).toBe('ssh.gone')
    const tries = made()
    expect(await codeOf(session.request('own', change))).toBe('ssh.gone')
    expect(made()).toBe(tries)
    await connector.closeAll()
  })

  it('with another key is not waited for', async () => {
    const { connect, made } = world([{ requests: ['ssh.lost'] }, 'ssh.host-key'])
    expect(await codeOf((await connect()).request('own', look))).toBe('ssh.host-key')
    expect(made()).toBe(2)
  })

  it('is not waited for once everything is to be closed', async () => {
    const { connect, connector } = world([{ requests: ['ssh.lost'] }, 'ssh.unreachable'], { pauses: [60_000] })
    const lost = codeOf((await connect()).request('own', look))
    await new Promise((resolve) => setImmediate(resolve))
    await connector.closeAll()
    expect(await lost).toBe('ssh.gone')
  })
})

describe('the lock', () => {
  it('is taken again before anything else is asked', async () => {
    const { connect, did } = world([{ requests: ['ssh.lost'] }])
    const session = await connect()
    await session.lock('anna', 'wait-not')
    await session.request('own', look)
    expect(did).toEqual(['1 lock anna wait-not', '1 look', '1 close', '2 lock anna again', '2 look'])
  })

  it('is waited for while the shell of the lost connection holds it', async () => {
    const own: LockResult = { kind: 'taken-by', owner: 'anna' }
    const { connect, did } = world([{ requests: ['ssh.lost'] }, { locks: [own, own] }])
    const session = await connect()
    await session.lock('anna', 'wait-not')
    expect(await codeOf(session.request('own', look))).toBe('ok')
    expect(did.filter((line) => line.startsWith('2 lock'))).toHaveLength(3)
  })

  it('that went to somebody else ends all changes there, but no look', async () => {
    const { connect, notes } = world([{ requests: ['ssh.lost'] }, { locks: [{ kind: 'taken-by', owner: 'bert' }] }])
    const session = await connect()
    await session.lock('anna', 'wait-not')
    expect(await codeOf(session.request('own', look))).toBe('ok')
    expect(await codeOf(session.request('own', change))).toBe('lock.broken')
    expect(await codeOf(session.request('own', harmless))).toBe('lock.broken')
    expect(await codeOf(session.request('own', look))).toBe('ok')
    expect(notes.at(-1)).toBe('web-1: while the connection was lost, the lock of this run went to bert')
  })

  it.each([
    ['anna', ['run', 'lock'], 'held'],
    ['', ['run', 'lock'], 'held'],
    ['bert', ['run'], 'taken-by'],
  ])('whose file names %j is taken again only where nobody had it in between', async (owner, verbs, kind) => {
    const asked: ShellRequest[] = []
    const own = {
      started: Promise.resolve(),
      pings: () => 0,
      close: () => Promise.resolve(),
      request: (one: ShellRequest) => {
        asked.push(one)
        return Promise.resolve({ status: 0, stdout: Buffer.from(owner), stderr: Buffer.alloc(0) })
      },
    }
    const disconnect = () => Promise.resolve()
    const session = createSession({ place, own, openCluster: () => Promise.resolve(own), disconnect })
    expect((await session.lock('anna', 'again')).kind).toBe(kind)
    expect(asked.map(({ verb }) => verb)).toEqual(verbs)
  })
})
