// The operator's end of a root shell against far ends that behave badly.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createSemaphore } from '../../src/transport/semaphore.js'
import { createSession } from '../../src/transport/session.js'
import { openShell, type ShellRequest } from '../../src/transport/shell.js'
import type { Exit, Wire } from '../../src/transport/wire.js'
import { isAlive, openLocal, place, removeScratch, scratch, until } from './local-shell.js'

afterAll(removeScratch)

const ready = 'fedcba9876543210'
const farEnd = () => {
  const sent: string[] = []
  let ears: Parameters<Wire['listen']>[0] | null = null
  const wire: Wire = {
    write: (bytes) => void sent.push(Buffer.from(bytes).toString()),
    end: () => undefined,
    listen: (given) => {
      ears = given
      given.stdout(Buffer.from(`\n@khactl:${ready}:ready\n`))
    },
  }
  return {
    wire,
    sent,
    says: (text: string) => ears?.stdout(Buffer.from(text)),
    close: (exit: Exit = { status: null, signal: null }) => ears?.closed(exit),
  }
}
const request = (script: string, within = 5000): ShellRequest => ({
  verb: 'run',
  script,
  within,
  shown: `shown ${script}`,
})

describe('a far end', () => {
  it('that answers neither the request nor the kill is given up', async () => {
    const far = farEnd()
    let abandoned = 0
    const shell = openShell({
      wire: far.wire,
      terminal: 'none',
      place,
      ready,
      abandon: () => (abandoned += 1),
      killWithin: 30,
    })
    await expect(shell.request(request('sleep', 30))).rejects.toMatchObject({
      code: 'ssh.deadline',
      details: { exit: 'unreachable', command: 'shown sleep', status: null },
    })
    expect(far.sent.map((frame) => frame.split(' ')[0])).toEqual(['run', 'kill'])
    expect(far.sent[0]?.split(' ')[1]).toBe(far.sent[1]?.split(' ')[1])
    expect(abandoned).toBe(1)
    await expect(shell.request(request('next'))).rejects.toMatchObject({ code: 'ssh.unsent' })
  })

  it('that closes without a word leaves the outcome unknown, with what was printed', async () => {
    const far = farEnd()
    const shell = openShell({
      wire: far.wire,
      terminal: 'none',
      place,
      ready,
      abandon: () => undefined,
      cause: () => new Error('Keepalive timeout'),
    })
    const [first, second] = [shell.request(request('one')), shell.request(request('two'))]
    await until(() => far.sent.length === 1)
    far.says(`\n@khactl:${far.sent[0]?.split(' ')[1]}:start\nso far\n`)
    far.close()
    await expect(first).rejects.toMatchObject({
      code: 'ssh.lost',
      message: 'web-1 (10.0.0.1): the connection was lost: Keepalive timeout',
      details: { tail: ['so far'], command: 'shown one' },
    })
    // It never left this machine, and may be sent on another connection.
    await expect(second).rejects.toMatchObject({ code: 'ssh.unsent' })
    expect(far.sent).toHaveLength(1)
  })

  it('is left by close within a second, even if it says nothing', async () => {
    const far = farEnd()
    const shell = openShell({ wire: far.wire, terminal: 'none', place, ready, abandon: () => undefined })
    const pending = expect(shell.request(request('one'))).rejects.toMatchObject({ code: 'ssh.closed' })
    await until(() => far.sent.length === 1)
    await shell.close()
    await pending
  })
})

describe('a session', () => {
  it('refuses a script with NUL, and shares one shell where the server allows no second', async () => {
    const own = await openLocal(['sh'])
    let asked = 0
    const openCluster = () => {
      asked += 1
      return Promise.reject(new Error('open failed'))
    }
    const session = createSession({ place, own, openCluster, disconnect: () => Promise.resolve() })
    const script = { parts: ['echo $PPID'] }
    await expect(session.request('own', { script: { parts: ['a\0b'] }, within: 100 })).rejects.toThrow('NUL')
    const answers = await Promise.all(
      (['own', 'cluster', 'cluster'] as const).map((channel) => session.request(channel, { script, within: 5000 })),
    )
    expect(answers.map((answer) => answer.status)).toEqual([0, 0, 0])
    expect([asked, session.roundTrips()]).toEqual([1, 3])
    await Promise.all([session.close(), session.close()])
  })
})

describe('a host', () => {
  it('that hears nothing ends its script, then frees the lock and goes', async () => {
    const lock = join(scratch(), 'lock')
    const file = join(scratch(), 'pid')
    const silent = await openLocal(['sh'], { lock, silence: 1, pingEvery: 1e6 })
    await silent.request({ verb: 'lock', script: 'anna', within: 5000 })
    const answer = silent.request(request(`echo $$ >${file}; exec sleep 30`))
    await until(() => existsSync(file) && readFileSync(file, 'utf8') !== '')
    expect(spawnSync('flock', ['-n', lock, 'true']).status).toBe(1)
    expect((await answer).status).toBe(124)
    await silent.exited
    expect(isAlive(Number(readFileSync(file, 'utf8')))).toBe(false)
    expect(spawnSync('flock', ['-n', lock, 'true']).status).toBe(0)
  })
})

describe('a semaphore', () => {
  it('lets so many in at once, and the next one after a failure too', async () => {
    const semaphore = createSemaphore(3)
    let inside = 0
    let most = 0
    const work = async (index: number): Promise<void> => {
      inside += 1
      most = Math.max(most, inside)
      await new Promise((resolve) => setImmediate(resolve))
      inside -= 1
      if (index % 4 === 0) throw new Error('no')
    }
    const ends = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => semaphore(() => work(index))))
    expect([most, ends.filter((end) => end.status === 'rejected').length]).toEqual([3, 5])
  })
})
