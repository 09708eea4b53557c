// What khactl wrote goes and nothing else, for real, in a temporary folder of this machine.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { ownFilesGone, ownFilesLook } from '../../src/steps/own-files-gone.js'
import { foldersGone } from '../../src/steps/folders-gone.js'
import { changesOf, checkLaws } from '../support/laws.js'
import { createHost, observe } from '../support/local-host.js'

const root = mkdtempSync(join(tmpdir(), 'khactl-own-'))
afterAll(() => rmSync(root, { recursive: true }))

const mine = '# Written by khactl: changes made here are replaced by the next khactl up.\nx\n'
const exact = 'timeout: 10\n'
const at = (...parts: readonly string[]): string => join(root, ...parts)

const wanted = {
  id: 'clean:files',
  title: 'Remove the files that khactl wrote',
  places: [
    { pattern: at('a.conf'), by: { sign: 'line' } },
    { pattern: at('khactl-*.key'), by: { sign: 'name' } },
    { pattern: at('certs.d', '*', 'ca.crt'), by: { sign: 'beside', name: 'hosts.toml' } },
    { pattern: at('certs.d', '*', 'hosts.toml'), by: { sign: 'line' } },
    {
      pattern: at('crictl.yaml'),
      by: { sign: 'content', sha256: [createHash('sha256').update(exact).digest('hex')] },
    },
  ],
  folders: [at('certs.d', '*'), at('certs.d')],
} as const
const state = at('state')
const steps = [ownFilesGone(wanted), foldersGone({ id: 'clean:folders', title: 'Remove', paths: [state] })]

const snapshot = (): string => readdirSync(root, { recursive: true, encoding: 'utf8' }).toSorted().join('\n')

const reset = (): void => {
  rmSync(root, { recursive: true, force: true })
  for (const folder of [at('certs.d', 'a registry:5000'), at('certs.d', 'theirs'), state])
    mkdirSync(folder, { recursive: true })
  writeFileSync(at('a.conf'), mine)
  writeFileSync(at('khactl-one two.key'), 'KEY')
  writeFileSync(at('other.key'), 'KEY')
  writeFileSync(at('crictl.yaml'), exact)
  writeFileSync(join(state, 'job.log'), '')
  writeFileSync(at('certs.d', 'a registry:5000', 'ca.crt'), 'CA')
  writeFileSync(at('certs.d', 'a registry:5000', 'hosts.toml'), mine)
  writeFileSync(at('certs.d', 'theirs', 'ca.crt'), 'CA')
  writeFileSync(at('certs.d', 'theirs', 'hosts.toml'), 'server = "x"\n')
}

test('keep the laws, and leave what is not ours', async () => {
  await checkLaws({
    host: createHost(),
    steps,
    snapshot,
    reset,
    tampering: [
      { name: 'it is back', by: () => writeFileSync(at('a.conf'), mine), shows: [at('a.conf')] },
      { name: 'somebody has a file of his own there', by: () => writeFileSync(at('a.conf'), 'theirs\n'), shows: [] },
    ],
  })
  expect(snapshot().split('\n')).toEqual(
    expect.arrayContaining(['other.key', 'certs.d/theirs/ca.crt', 'certs.d/theirs/hosts.toml']),
  )
  expect(existsSync(at('certs.d', 'a registry:5000'))).toBe(false)
})

test('the proof goes last: what it proves is still known for ours when the removal died', () => {
  reset()
  const paths = changesOf(createHost(), steps.slice(0, 1)).map(({ path }) => path)
  expect(paths.indexOf(at('certs.d', 'a registry:5000', 'ca.crt'))).toBeLessThan(
    paths.indexOf(at('certs.d', 'a registry:5000', 'hosts.toml')),
  )
})

test("a file of somebody else's at our place is named, a link too", () => {
  reset()
  rmSync(at('a.conf'))
  symlinkSync('/dev/null', at('a.conf'))
  writeFileSync(at('crictl.yaml'), 'timeout: 2\n')
  const seen = observe(createHost(), ownFilesLook(wanted))
  expect(seen.status === 'known' ? seen.state.others : seen).toEqual([
    at('a.conf'),
    at('certs.d', 'theirs', 'hosts.toml'),
    at('crictl.yaml'),
  ])
})
