// The built program: what V8 made of it is taken back, and where that is of no use it runs all the same.
import { execFile } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const run = promisify(execFile)
let folder = ''
let main = ''

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'khactl-built-'))
  main = join(folder, 'dist/cli/main.cjs')
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'))
  writeFileSync(join(folder, 'hook.cjs'), hook)
  await run(process.execPath, ['--import', 'tsx', 'esbuild.config.ts', join(folder, 'dist')], { cwd: root })
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true }))

/** Tells first whether V8 refused what was compiled. */
const hook = `
const vm = require('node:vm')
vm.Script = class extends vm.Script {
  constructor(...args) {
    super(...args)
    console.log(this.cachedDataRejected)
  }
}`

const startedWith = async (flags: readonly string[], argv: readonly string[]): Promise<readonly string[]> => {
  const { stdout } = await run(process.execPath, [...flags, '--require', join(folder, 'hook.cjs'), main, ...argv])
  return stdout.trim().split('\n')
}

test.each([
  [['--help'], /^Usage: khactl COMMAND/],
  [['up', '--help'], /^Usage: khactl up/],
  [['version'], /^khactl \d/],
])('what was compiled before is taken back by khactl %s', async (argv, said) => {
  const [refused, ...rest] = await startedWith([], argv)
  expect(refused).toBe('false')
  expect(rest.join('\n')).toMatch(said)
})

test('the small program knows the help of every command', async () => {
  const { stdout } = await run(main, ['--help'])
  const commands = [...stdout.matchAll(/^ {2}([a-z-]+) {2,}\S/gm)].map(([, name = '']) => name)
  expect(commands).toEqual(expect.arrayContaining(['plan', 'up', 'add-master', 'version']))
  for (const command of commands) {
    const [small, whole] = await Promise.all([
      run(main, [command, '--help']),
      // Three words: the whole program.
      run(main, [command, '--help', '--help']),
    ])
    expect(small.stdout).toMatch(new RegExp(`^Usage: khactl ${command}`))
    expect(small.stdout).toBe(whole.stdout)
  }
})

test('the small program asks for a command', async () => {
  await expect(run(main, [])).rejects.toMatchObject({ code: 3, stderr: expect.stringMatching(/^Usage: /) as string })
})

test('what was compiled with other flags is refused, and the program runs', async () => {
  const [refused, ...rest] = await startedWith(['--no-lazy'], ['--version'])
  expect([refused, rest.length]).toEqual(['true', 1])
})

test('what a disk damaged is not taken, and the program runs', async () => {
  const cli = join(folder, 'dist/cli')
  for (const name of readdirSync(cli).filter((one) => one.endsWith('.compiled'))) {
    const code = readFileSync(join(cli, name))
    code[code.length >> 1] = (code[code.length >> 1] ?? 0) ^ 1
    writeFileSync(join(cli, name), code)
  }
  for (const word of ['--help', 'version']) {
    const [refused, ...rest] = await startedWith([], [word])
    // None was handed over.
    expect(refused).toBe('undefined')
    expect(rest.join('\n')).toContain('khactl')
  }
})

test('a run that gets lost does not end with 0', async () => {
  const lost = `import { processIo } from ${JSON.stringify(join(root, 'src/cli/io.ts'))}; processIo(); await 0`
  writeFileSync(join(folder, 'lost.mts'), lost)
  await expect(
    run(process.execPath, ['--import', 'tsx', join(folder, 'lost.mts')], { cwd: root }),
  ).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('the run got lost') as string,
  })
})

test('without it the program runs', async () => {
  const cli = join(folder, 'dist/cli')
  const compiled = readdirSync(cli).filter((name) => name.endsWith('.cjs.compiled'))
  expect(compiled).toHaveLength(2)
  for (const name of compiled) rmSync(join(cli, name))
  const { stdout } = await run(main, ['--version'])
  expect(stdout).toMatch(/^khactl \d/)
})
