// Completion in the shells themselves: the script is sourced and asked as the shell would ask it.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.js'
import { hostNames } from '../../src/inventory/host-names.js'
import { has } from '../transport/local-shell.js'
import { fakeIo } from './fake-io.js'

const root = resolve(import.meta.dirname, '../..')
const inventory = `haproxy: [{ name: lb-1 }]
masters: [{ name: 'master-[1:3]' }]
workers:
  - name: web-1
  - name: web 2
`
let folder = ''
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'khactl-completion-'))
  writeFileSync(join(folder, 'inventory.yaml'), inventory)
  writeFileSync(join(folder, 'prod.yml'), 'masters: [{ name: prod-1 }]')
  writeFileSync(join(folder, 'notes.txt'), '')
  mkdirSync(join(folder, 'bin'))
  writeFileSync(
    join(folder, 'bin/khactl'),
    `#!/bin/sh\nexec ${process.execPath} --import ${join(root, 'node_modules/tsx/dist/loader.mjs')} ${join(root, 'src/cli/start.ts')} "$@"\n`,
  )
  chmodSync(join(folder, 'bin/khactl'), 0o755)
  for (const shell of ['bash', 'zsh', 'fish']) {
    const fake = fakeIo()
    expect(await main(['completion', shell], fake.io)).toBe(0)
    writeFileSync(join(folder, `script.${shell}`), fake.out())
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

const shell = (program: string, script: string, words: readonly string[]): readonly string[] =>
  execFileSync(
    program,
    [...(program === 'zsh' ? ['-f'] : []), '-c', script, ...(program === 'fish' ? [] : [program]), ...words],
    {
      cwd: folder,
      env: { PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`, HOME: folder },
      encoding: 'utf8',
    },
  )
    .split('\n')
    .filter((line) => line !== '')
    .sort()

const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
  [['kube'], ['kubeconfig']],
  [['up', '--dry'], ['--dry-run']],
  [
    ['up', '--limit', 'm'],
    ['master', 'master-1', 'master-2', 'master-3'],
  ],
  [['up', '--limit', 'lb-1,we'], ['lb-1,web-1']],
  [['up', '--limit', '=', 'lb'], ['lb-1']],
  [['up', 'prod.yml', '--limit', 'p'], ['prod-1']],
  [['up', '--from', 'ru'], ['runtime']],
  [['up', '--stage', 'init,wor'], ['init,workers']],
  [['plan', 'p'], ['prod.yml']],
  [['plan', '--host-keys', 's'], ['strict']],
  [['plan', '--parallel', ''], []],
  [['exec', '--on', 'al'], ['all']],
  [['exec', '--on', 'all', '--', 'ma'], []],
  [
    ['remove', 'master-'],
    ['master-1', 'master-2', 'master-3'],
  ],
  [['remove', '-i', 'prod.yml', ''], ['prod-1']],
  [['replace', 'lb'], ['lb-1']],
  [['logs', '--host', 'lb'], ['lb-1']],
  [['run', 'no'], ['notes.txt']],
  [['run', 'prod.yml', '--limit', 'lb'], ['lb-1']],
  [['completion', 'z'], ['zsh']],
  [['up', 'none.yaml', '--limit', 'x'], []],
]

describe('bash', () => {
  const ask = 'source ./script.bash; COMP_WORDS=(khactl "$@"); COMP_CWORD=$#; _khactl; printf "%s\\n" "${COMPREPLY[@]}"'
  test.each(cases)('%j', (words, found) => expect(shell('bash', ask, words)).toEqual(found))
})

describe.skipIf(!has('zsh'))('zsh', () => {
  // As its bashcompinit calls such a function.
  const ask =
    'autoload -Uz compinit; compinit -D -u; source ./script.zsh; ask() { emulate -L sh; setopt kshglob noshglob braceexpand; COMP_WORDS=(khactl "$@"); COMP_CWORD=$#; _khactl; printf "%s\\n" "${COMPREPLY[@]}"; }; ask "$@"'
  test.each(cases.filter((_, index) => index % 3 === 0))('%j', (words, found) =>
    // zsh drops by itself what does not begin as the word does.
    expect(shell('zsh', ask, words).filter((one) => one.startsWith(words.at(-1) ?? ''))).toEqual(found),
  )
})

describe.skipIf(!has('fish'))('fish', () => {
  const asked = (line: string): readonly string[] =>
    shell('fish', `source ./script.fish; complete -C '${line}'`, []).map((found) => found.split('\t')[0] ?? '')
  test('commands, options, hosts and stages', () => {
    expect(asked('khactl kube')).toEqual(['kubeconfig'])
    expect(asked('khactl up --dry')).toEqual(['--dry-run'])
    expect(asked('khactl up --limit ma')).toEqual(expect.arrayContaining(['master', 'master-1', 'master-3']))
    expect(asked('khactl up prod.yml --limit p')).toContain('prod-1')
    expect(asked('khactl up --from ru')).toContain('runtime')
    expect(asked('khactl remove lb')).toContain('lb-1')
  })
})

test('names of hosts never fail, whatever the file is', async () => {
  expect(hostNames(inventory)).toEqual(['lb-1', 'master-1', 'master-2', 'master-3', 'web-1'])
  for (const text of ['', '- 1', 'masters: 3', 'masters: [1, { name: [2] }, null]', 'masters: [', 'a: *b'])
    expect(hostNames(text)).toEqual([])
  const fake = fakeIo({ cwd: folder })
  expect(await main(['completion', '--hosts', '--', 'up', '/'], fake.io)).toBe(0)
  expect(await main(['completion', '--hosts', '--', 'up', '--inventory=none.yaml'], fake.io)).toBe(0)
  expect(fake.err()).toBe('')
})

test('a shell that is not known is named', async () => {
  const fake = fakeIo()
  expect(await main(['completion'], fake.io)).toBe(3)
  expect(fake.err()).toContain('name a shell: bash, zsh, fish')
})
