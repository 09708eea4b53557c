// A job runs exactly once, wherever the connection is cut; on real hosts in test/e2e/35-lost.e2e.ts.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { transient, type Job } from '../../src/steps/transient.js'
import { raw } from '../../src/text/sh.js'
import { isAlive, until } from '../transport/local-shell.js'
import { createFakeSystemd, timesIn, type FakeSystemd } from '../support/fake-systemd.js'

const all: FakeSystemd[] = []
afterAll(() => {
  for (const one of all) one.remove()
})

const soon = (isSo: () => boolean): Promise<void> => until(isSo, 15_000)

const host = () => {
  const systemd = createFakeSystemd()
  all.push(systemd)
  const count = join(systemd.folder, 'count')
  const go = join(systemd.folder, 'go')
  const seen: string[] = []
  return {
    systemd,
    seen,
    count,
    /** Lets the body end. */
    release: () => writeFileSync(go, ''),
    /** Says `one`, waits to be released, says `two`. */
    job: (more: Partial<Job> = {}): Job => ({
      name: 'job',
      command: raw(`echo . >>${count}; echo one; until [ -e ${go} ]; do sleep 0.02; done; cat; echo two; exit 3`),
      stdin: Buffer.from('input\n'),
      expect: [3],
      within: 30_000,
      ...more,
    }),
  }
}

describe.concurrent('a job', () => {
  test('runs once and tells its status and output', async () => {
    const { systemd, job, release, count } = host()
    release()
    const outcome = await transient(systemd.writer(), job())
    expect(outcome).toEqual({ how: 'started', status: 3, tail: ['one', 'input', 'two'] })
    expect(timesIn(count)).toBe(1)
  })

  test('whose connection is cut while it runs is waited for again, and runs once', async () => {
    const { systemd, job, release, count } = host()
    const waiting = transient(systemd.writer([1, 'unsent', 'unsent']), job())
    await soon(() => timesIn(count) === 1)
    release()
    expect(await waiting).toEqual({ how: 'started', status: 3, tail: ['one', 'input', 'two'] })
    expect(timesIn(count)).toBe(1)
    // What had come before is not told twice: `one` stands only in the tail of the end.
    expect(systemd.answers.at(-1)?.stdout.toString().split('@job')[0]).not.toContain('one')
  })

  test('that ended while nobody was connected is not begun again', async () => {
    const { systemd, job, release, count } = host()
    const writer = systemd.writer([1])
    const unit = join(systemd.folder, 'run/khactl/run/job.status')
    let calls = 0
    const outcome = await transient(
      {
        ...writer,
        run: async (...args) => {
          if ((calls += 1) === 2) {
            release()
            await soon(() => existsSync(unit))
          }
          return writer.run(...args)
        },
      },
      job(),
    )
    expect([outcome.status, timesIn(count), calls]).toEqual([3, 1, 2])
  })

  test('that never arrived is begun', async () => {
    const { systemd, job, release, count } = host()
    release()
    expect((await transient(systemd.writer(['unsent', 'unsent']), job())).status).toBe(3)
    expect(timesIn(count)).toBe(1)
  })

  test('of an earlier run is attached to, and its outcome taken, also over a cut', async () => {
    const { systemd, job, release, count } = host()
    const first = transient(systemd.writer([1, 'never']), job()).catch(() => undefined)
    await soon(() => timesIn(count) === 1)
    const second = transient(systemd.writer([1]), job({ command: raw(`echo never >>${count}`) }))
    await soon(() => timesIn(join(systemd.folder, 'run/khactl/run/job.id')) === 2)
    release()
    expect(await second).toMatchObject({ how: 'attached', status: 3 })
    await first
    expect(timesIn(count)).toBe(1)
  })

  test('killed with its unit has no known outcome', async () => {
    const { systemd, job } = host()
    const unit = join(systemd.folder, 'units/khactl-job.service')
    const waiting = transient(systemd.writer(), job())
    await soon(() => existsSync(join(systemd.folder, 'count')))
    process.kill(-Number(readFileSync(unit, 'utf8')), 'SIGKILL')
    await expect(waiting).rejects.toMatchObject({ code: 'job.unknown', details: { status: null } })
  })

  test('cut off by a restart of its host is not begun again, and the restart is said', async () => {
    const { systemd, job, count } = host()
    const writer = systemd.writer([1])
    let calls = 0
    const outcome = transient(
      {
        ...writer,
        run: (...args) => {
          if ((calls += 1) === 2) {
            process.kill(-Number(readFileSync(join(systemd.folder, 'units/khactl-job.service'), 'utf8')), 'SIGKILL')
            systemd.restart()
          }
          return writer.run(...args)
        },
      },
      job(),
    )
    await expect(outcome).rejects.toMatchObject({
      code: 'job.unknown',
      message: 'web-1 restarted while khactl-job ran there; how far it came is not known',
    })
    expect([calls, timesIn(count)]).toEqual([2, 1])
  })

  test('that takes too long is stopped', async () => {
    const { systemd, job, count } = host()
    const waiting = transient(systemd.writer(), job({ within: 1000 }))
    await expect(waiting).rejects.toMatchObject({
      code: 'job.late',
      message: 'khactl-job on web-1 has not ended within 1 s and was stopped',
    })
    expect(timesIn(count)).toBe(1)
    const pid = Number(readFileSync(join(systemd.folder, 'units/khactl-job.service'), 'utf8'))
    await soon(() => !isAlive(pid))
  })
})
