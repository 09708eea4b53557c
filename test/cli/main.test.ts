// The command line from argv to exit code: help, mistakes, the commands that touch no host.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.js'
import { fakeIo } from './fake-io.js'

let cwd = ''
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'khactl-cli-'))
})
afterAll(() => rmSync(cwd, { recursive: true }))

const run = async (...argv: readonly string[]) => {
  const fake = fakeIo({ cwd })
  const code = await main(argv, fake.io)
  return { code, out: fake.out(), err: fake.err() }
}

describe('help', () => {
  test.each([
    ...['', 'up', 'plan', 'preflight', 'validate', 'init', 'schema', 'version'],
    ...['add-master', 'add-worker', 'add-haproxy', 'remove', 'replace', 'reset'],
    ...['exec', 'kubeconfig', 'logs', 'run', 'completion', 'status'],
  ])('%s', async (command) => {
    const { code, out, err } = await run(...(command === '' ? [] : [command]), '--help')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out.split('\n').length).toBeLessThanOrEqual(50)
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
    await expect(out).toMatchFileSnapshot(`./golden/help/${command === '' ? 'khactl' : command}.txt`)
  })

  test('without a command it is an error, and says the same', async () => {
    const { code, out, err } = await run()
    expect({ code, out }).toEqual({ code: 3, out: '' })
    expect(err).toContain('khactl up')
  })
})

describe('mistakes on the command line', () => {
  test.each([
    [['pln'], "khactl: unknown command 'pln'\n  (Did you mean plan?)\n  khactl --help lists them.\n"],
    [
      ['up', '--paralel', '3'],
      "khactl: unknown option '--paralel'\n  (Did you mean --parallel?)\n  khactl up --help lists them.\n",
    ],
    [['plan', '--yes'], "khactl: unknown option '--yes'\n  khactl plan --help lists them.\n"],
    [
      ['up', '--parallel', '0'],
      "khactl: option '--parallel <n>' argument '0' is invalid. It takes a whole number from 1.\n  khactl up --help lists them.\n",
    ],
    [
      ['up', 'a', 'b'],
      "khactl: too many arguments for 'up'. Expected 1 argument but got 2.\n  khactl up --help lists them.\n",
    ],
    [
      ['up', '--host-keys', 'any'],
      "khactl: option '--host-keys <how>' argument 'any' is invalid. Allowed choices are accept-new, strict.\n  khactl up --help lists them.\n",
    ],
  ])('%j', async (argv, err) => expect(await run(...argv)).toEqual({ code: 3, out: '', err }))
})

describe('commands that touch no host', () => {
  test('version', async () => {
    expect(await run('version')).toEqual({ code: 0, out: 'khactl 0.1.0\nnode v0, test\n', err: '' })
    expect((await run('--version')).out).toBe('khactl 0.1.0\n')
  })

  test('schema is JSON Schema', async () => {
    const { code, out } = await run('schema')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ $schema: expect.stringContaining('draft-07') as string })
  })

  test('init writes a file that validates, and never writes over one', async () => {
    const made = await run('init', '--vip', '10.0.0.10', '--masters', 'm1=10.0.0.[21:23]', '--cni', 'none')
    expect(made).toEqual({
      code: 0,
      out: 'Wrote inventory.yaml: look through it, then\n  khactl validate\n  khactl plan\n',
      err: '',
    })
    const text = readFileSync(join(cwd, 'inventory.yaml'), 'utf8')
    expect(text).toContain('vip: 10.0.0.10')
    const again = await run('init')
    expect(again.code).toBe(3)
    expect(again.err).toBe(
      'inventory.yaml is there already; khactl does not write over it [init.file]\n  → Name another file, or - for standard output.\n',
    )
    expect(readFileSync(join(cwd, 'inventory.yaml'), 'utf8')).toBe(text)
    expect((await run('init', '-')).out).toContain('apiVersion: khactl/v1')
  })

  test('validate says that it is right, or every mistake, with an exit code of its own', async () => {
    const { out: text } = await run('init', '-', '--cni', 'none')
    writeFileSync(join(cwd, 'right.yaml'), text.replace('cni: none', 'cni: none\n  packages: { source: host }'))
    expect(await run('validate', 'right.yaml')).toEqual({
      code: 0,
      out: 'right.yaml is right: cluster lab, Kubernetes 1.30.4, 7 hosts.\n',
      err: '',
    })
    writeFileSync(join(cwd, 'wrong.yaml'), 'apiVersion: khactl/v1\nclster:\n  name: x\n')
    const { code, out, err } = await run('validate', 'wrong.yaml')
    expect({ code, out }).toEqual({ code: 3, out: '' })
    expect(err).toMatch(/^wrong\.yaml:2:1 error: .*clster/m)
    expect(err).toMatch(/\nwrong\.yaml: \d+ mistakes\n$/)
    const json = await run('validate', 'wrong.yaml', '--json')
    expect(json).toMatchObject({ code: 3, err: '' })
    const { diagnostics } = JSON.parse(json.out) as { diagnostics: readonly { line: number; code: string }[] }
    expect(diagnostics.find(({ line }) => line === 2)?.code).toBe('inventory.unknown-key')
  })
})
