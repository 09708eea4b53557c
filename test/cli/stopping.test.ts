// Ctrl-C, SIGTERM and SIGHUP at a real process: in each part of a run it stops where it may, frees the locks and exits 130.
import { createServer } from 'node:net'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { removeScratch } from '../transport/local-shell.js'
import { noSshd } from '../transport/sshd.js'
import { openSite, start, until, type Site } from './real-run.js'

const sites: Site[] = []
afterAll(async () => {
  await Promise.all(sites.map((site) => site.stop()))
  removeScratch()
})

/** A host of the test's own, and a folder on it. */
const fresh = async (): Promise<{ readonly site: Site; readonly made: string }> => {
  const site = await openSite(['m1'])
  sites.push(site)
  return { site, made: join(site.folder, 'made') }
}

describe.skipIf(noSshd !== '').concurrent(`a signal${noSshd}`, { timeout: 120_000 }, () => {
  test('before anything was changed is obeyed at once, whatever is waited for', async () => {
    const mute = createServer(() => undefined)
    await new Promise<void>((listens) => mute.listen(0, '127.0.0.1', listens))
    const address = mute.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const { site, made: here } = await fresh()
    const text = readFileSync(join(site.folder, 'inventory.yaml'), 'utf8')
    writeFileSync(join(here, 'inventory.yaml'), text.replace(/port: \d+/, `port: ${port}`))
    const run = start(['plan', '--verbose'], { cwd: here })
    await run.saying(/connecting to/)
    run.child.kill('SIGTERM')
    const { code, said } = await run.ended
    mute.close()
    expect(code, said).toBe(130)
    expect(said).toContain('stopped before anything was changed [run.interrupted]')
    expect(said).toContain('Everything that was done and said:')
  })

  test('in a change that takes a moment lets it end, begins no other, and says how to go on', async () => {
    const { site, made } = await fresh()
    const tasks = ['slow', 'never'].map((name) => `file: { path: ${made}/${name}, content: "x\\n" }`)
    const book = site.playbook('atomic.yaml', tasks)
    const run = start(['run', book, '--yes'], { cwd: site.folder })
    await until(run, () => existsSync(join(made, 'begun')))
    run.child.kill('SIGINT')
    await run.saying(/Stopping: nothing new is begun/)
    writeFileSync(join(made, 'go'), '')
    const { code, said } = await run.ended
    expect(code, said).toBe(130)
    expect(readFileSync(join(made, 'slow'), 'utf8')).toBe('x\n')
    expect(existsSync(join(made, 'never'))).toBe(false)
    expect(said).toMatch(/not done: 1 step on m1 \(interrupted\)/)
    expect(said).toContain(`Go on with: khactl run ${book} --yes`)
    // Nothing holds the host any more, and what was left is done.
    const again = await start(['run', book, '--yes'], { cwd: site.folder }).ended
    expect(again.code, again.said).toBe(0)
    expect(existsSync(join(made, 'never'))).toBe(true)
  })

  test('a second one leaves at once', async () => {
    const { site, made } = await fresh()
    const book = site.playbook('twice.yaml', [`file: { path: ${made}/slow, content: "x\\n" }`])
    const run = start(['run', book, '--yes'], { cwd: site.folder })
    await until(run, () => existsSync(join(made, 'begun')))
    run.child.kill('SIGTERM')
    await run.saying(/Stopping/)
    run.child.kill('SIGINT')
    const { code, said } = await run.ended
    expect(code).toBe(130)
    expect(said).not.toContain('Go on with')
  })

  test('in a long command leaves it to its unit, which the next run waits for and does not start again', async () => {
    const { site, made } = await fresh()
    const command = `until [ -e ${made}/go ]; do sleep 0.1; done; echo once >>${made}/log; touch ${made}/done`
    const book = site.playbook('long.yaml', [`command: { run: "echo begun; ${command}", creates: ${made}/done }`])
    const run = start(['run', book, '--yes', '--verbose'], { cwd: site.folder })
    await run.saying(/\| begun/)
    run.child.kill('SIGHUP')
    const { code, said } = await run.ended
    expect(code, said).toBe(130)
    expect(said).toMatch(/goes on on m1 \(khactl-command-\w+\.service\); the next run waits for it/)
    expect(existsSync(join(made, 'done'))).toBe(false)
    const next = start(['run', book, '--yes'], { cwd: site.folder })
    await next.saying(/waiting for khactl-command-\w+\.service of an earlier run to end/)
    writeFileSync(join(made, 'go'), '')
    const ended = await next.ended
    expect(ended.code, ended.said).toBe(0)
    expect(readFileSync(join(made, 'log'), 'utf8')).toBe('once\n')
  })
})
