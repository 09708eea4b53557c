// Files, folders and edits, for real, in a temporary folder of this machine.
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { secret } from '../../src/model/command.js'
import { absent } from '../../src/steps/absent.js'
import { directory } from '../../src/steps/directory.js'
import { edit } from '../../src/steps/edit.js'
import { file } from '../../src/steps/file.js'
import { applyAll, changesOf, checkLaws } from '../support/laws.js'
import { createHost, intentOf, writersOf } from '../support/local-host.js'

const root = mkdtempSync(join(tmpdir(), 'khactl-files-'))
afterAll(() => rmSync(root, { recursive: true }))

const owner = `${execFileSync('id', ['-un']).toString().trim()}:${execFileSync('id', ['-gn']).toString().trim()}`
const folder = join(root, 'a folder')
const config = join(folder, "it's.conf")
const token = join(folder, 'token')
const hosts = join(root, 'hosts')

const snapshot = (): string =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => {
      const { mode, mtimeMs, size } = statSync(join(root, name))
      return `${name} ${mode.toString(8)} ${mtimeMs} ${size}`
    })
    .join('\n')

const withLine = (text: string | null): string =>
  (text ?? '').includes('10.0.0.1 a\n') ? (text ?? '') : `${text ?? ''}10.0.0.1 a\n`

const steps = [
  directory({ path: folder, mode: 0o750, owner }),
  file({ path: config, content: 'one\n$two `three` \\n\n', mode: 0o644, owner }),
  file({ path: token, content: ['token=', secret('hunter2'), '\n'], mode: 0o600, owner }),
  edit({ id: 'hosts', title: 'Edit', path: hosts, edit: withLine, to: 'with a' }),
]

test('keep the laws', async () => {
  const host = createHost()
  await checkLaws({
    host,
    steps,
    snapshot,
    reset: () => {
      rmSync(folder, { recursive: true, force: true })
      writeFileSync(hosts, '127.0.0.1 localhost\n')
      chmodSync(hosts, 0o640)
    },
    tampering: [
      { name: 'content', by: () => writeFileSync(config, 'other\n'), shows: [config] },
      { name: 'mode', by: () => chmodSync(config, 0o777), shows: [`${config} mode`] },
      { name: 'folder mode', by: () => chmodSync(folder, 0o777), shows: [`${folder} mode`] },
      { name: 'secret', by: () => writeFileSync(token, 'token=x\n'), shows: [token] },
      { name: 'gone', by: () => rmSync(config), shows: [config, `${config} mode`] },
      { name: 'edited', by: () => writeFileSync(hosts, 'x\n'), shows: [hosts] },
      {
        name: 'a link in its place',
        by: () => (rmSync(config), symlinkSync('/dev/null', config)),
        shows: [config, `${config} mode`],
      },
    ],
  })
  expect(readFileSync(config, 'utf8')).toBe('one\n$two `three` \\n\n')
  expect(statSync(hosts).mode & 0o777).toBe(0o640)
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])
})

test('a secret is neither shown nor fetched, before and after', async () => {
  const host = createHost()
  await applyAll(host, steps)
  writeFileSync(token, 'token=old-secret\n')
  const rounds = host.rounds
  const changes = changesOf(host, steps)
  expect(changes).toEqual([{ path: token, from: 'differs', to: 'as wanted', secret: true, impact: 'none' }])
  expect(host.rounds - rounds).toBe(steps.length)
  await applyAll(host, steps)
  expect(JSON.stringify([changes, host.commands])).not.toMatch(/hunter2|old-secret/)
})

test('a differing text comes as a whole, for a diff, in the same request', () => {
  const host = createHost()
  writeFileSync(config, 'before\n')
  const [change] = changesOf(host, steps.slice(1, 2))
  expect(change?.text).toEqual({ from: 'before\n', to: 'one\n$two `three` \\n\n' })
  expect(host.rounds).toBe(1)
})

test('a missing folder is named, and nothing is left behind', async () => {
  const host = createHost()
  const step = file({ path: join(root, 'no', 'file'), content: 'x', mode: 0o644, owner })
  await expect(intentOf(host, step).apply(writersOf(host))).rejects.toThrow(/the folder .*\/no does not exist/)
})

test('a file that changed since it was looked at is not edited', async () => {
  const host = createHost()
  writeFileSync(hosts, 'then\n')
  const intent = intentOf(host, steps.slice(3)[0] ?? absent({ path: hosts }))
  writeFileSync(hosts, 'now\n')
  await expect(intent.apply(writersOf(host))).rejects.toThrow(/changed meanwhile/)
  expect(readFileSync(hosts, 'utf8')).toBe('now\n')
})

test('a file goes, a folder stays', async () => {
  const host = createHost()
  const path = join(root, 'gone')
  writeFileSync(path, '')
  await applyAll(host, [absent({ path })])
  expect(changesOf(host, [absent({ path })])).toEqual([])
  mkdirSync(path)
  await expect(applyAll(host, [absent({ path })])).rejects.toThrow(/status 1/)
})
