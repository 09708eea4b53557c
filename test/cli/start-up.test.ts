// What a command loads: --help and completion must not pay for ssh, YAML or schemas.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
let folder = ''

/** Node writes every package that is imported or required to a file, whoever does it. */
const hook = `
import { appendFileSync } from 'node:fs'
import { Module, register } from 'node:module'
const note = (name) => { if (!/^(node:|[./#]|file:)/.test(name)) appendFileSync(process.env.TRACE, name + '\\n') }
const load = Module._load
Module._load = function (name, ...rest) { note(name); return load.call(this, name, ...rest) }
register('data:text/javascript,' + encodeURIComponent(
  "import { appendFileSync } from 'node:fs';" +
  "export const resolve = (name, context, next) => { if (!/^(node:|[./#]|file:|data:)/.test(name)) appendFileSync(process.env.TRACE, name + '\\\\n'); return next(name, context) }"))
`

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'khactl-trace-'))
  writeFileSync(join(folder, 'hook.mjs'), hook)
})
afterAll(() => rmSync(folder, { recursive: true }))

const heavy = ['zod', 'yaml', 'ssh2', 'listr2', 'pino', 'diff', 'p-limit']

const loaded = async (name: string, argv: readonly string[]): Promise<readonly string[]> => {
  const trace = join(folder, `${name}.txt`)
  writeFileSync(trace, '')
  await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--import', join(folder, 'hook.mjs'), join(root, 'src/cli/start.ts'), ...argv],
    { cwd: root, env: { ...process.env, TRACE: trace } },
  )
  const names = (await readFile(trace, 'utf8')).split('\n').map((line) => line.split('/')[0] ?? '')
  return [...new Set(names)].filter((one) => [...heavy, 'commander'].includes(one)).sort()
}

describe('packages loaded by', () => {
  test.each([
    ['--help', ['commander']],
    ['--version', ['commander']],
    ['up --help', ['commander']],
    ['completion --hosts -- up', ['commander', 'yaml']],
    ['init - --cni none', ['commander', 'yaml']],
    ['schema', ['commander', 'zod']],
  ])('khactl %s', async (line, packages) => {
    expect(await loaded(line.replaceAll(/\W/g, '_'), line.split(' '))).toEqual(packages)
  })
})
