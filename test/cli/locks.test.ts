// Two runs of real processes on real SSH servers: one wins, the other is told who holds the hosts; no lock outlives its run.
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

/** A run in the middle of a step on m1, and what it will do once the file `go` is there. */
const atWork = async () => {
  const site = await openSite(['m1', 'm2'])
  sites.push(site)
  const made = join(site.folder, 'made')
  const file = (name: string): string => `file: { path: ${made}/${name}, content: "x\\n" }`
  const book = site.playbook('slow.yaml', [file('slow'), file('behind')])
  const other = site.playbook('other.yaml', [file('other')])
  const khactl = (...argv: readonly string[]) => start(['run', ...argv, '--limit', 'm1', '--yes'], { cwd: site.folder })
  const run = khactl(book)
  await until(run, () => existsSync(join(made, 'begun')))
  return { run, khactl, made, other, go: () => writeFileSync(join(made, 'go'), '') }
}

describe.skipIf(noSshd !== '').concurrent(`a host that is locked${noSshd}`, { timeout: 120_000 }, () => {
  test('is refused to a second run, with the holder named, and free once the first has ended', async () => {
    const { run, khactl, made, other, go } = await atWork()
    const { code, said } = await khactl(other).ended
    expect(code, said).toBe(7)
    const holder = new RegExp(`m1 is held by \\S+@\\S+ \\(process ${run.child.pid}\\) since 20\\d\\d-[-\\dT:]+Z`)
    expect(said.replaceAll(/\s+/g, ' ')).toMatch(holder)
    expect(said).toContain('--break-lock')
    expect(existsSync(join(made, 'other'))).toBe(false)
    go()
    const first = await run.ended
    expect(first.code, first.said).toBe(0)
    const again = await khactl(other).ended
    expect(again.code, again.said).toBe(0)
  })

  test('is free as soon as its holder was killed, and its half-done step leaves nothing', async () => {
    const { run, khactl, made, other } = await atWork()
    run.child.kill('SIGKILL')
    await run.ended
    const { code, said } = await khactl(other).ended
    expect(code, said).toBe(0)
    expect(existsSync(join(made, 'slow'))).toBe(false)
  })

  test('is given to who breaks the lock; the first run stops before its next command', async () => {
    const { run, khactl, made, other, go } = await atWork()
    const second = await khactl(other, '--break-lock').ended
    expect(second.code, second.said).toBe(0)
    go()
    const { code, said } = await run.ended
    expect(code, said).toBe(7)
    expect(said.replaceAll(/\s+/g, ' ')).toContain(
      'another run broke the lock of this one; the command was not started',
    )
    expect(existsSync(join(made, 'behind'))).toBe(false)
  })

  test('by nobody yet is given to exactly one of two that begin at once, whatever order they list the hosts in', async () => {
    const site = await openSite(['m1', 'm2'])
    sites.push(site)
    const made = join(site.folder, 'made')
    const book = site.playbook('slow.yaml', [`file: { path: ${made}/slow, content: "x\\n" }`])
    const turned = join(site.folder, 'turned.yaml')
    const lines = readFileSync(join(site.folder, 'inventory.yaml'), 'utf8').split('\n')
    const [one = '', two = ''] = lines.slice(lines.indexOf('masters:') + 1)
    writeFileSync(turned, lines.join('\n').replace(`masters:\n${one}\n${two}`, `masters:\n${two}\n${one}`))
    const runs = ['inventory.yaml', turned].map((inventory) =>
      start(['run', book, '--inventory', inventory, '--yes', '--limit', 'm1'], { cwd: site.folder }),
    )
    const first = await Promise.race(runs.map((run) => run.ended))
    expect(first.code, first.said).toBe(7)
    expect(first.said).toContain('m1 is held by')
    writeFileSync(join(made, 'go'), '')
    const codes = (await Promise.all(runs.map((run) => run.ended))).map(({ code }) => code)
    expect(codes.toSorted((a, b) => Number(a) - Number(b))).toEqual([0, 7])
  })
})
