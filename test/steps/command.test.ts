// Scripts of people's own: when they are due. That they run in a unit of their own is proved on real hosts (docs/lab.md).
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { command, type CommandWanted } from '../../src/steps/command.js'
import { changesOf } from '../support/laws.js'
import { createHost } from '../support/local-host.js'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'khactl-command-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const changes = (needless: CommandWanted['needless']): readonly string[] =>
  changesOf(createHost(), [command({ run: 'make it\nnow', needless, within: 1000 })]).map(
    ({ path, from, to }) => `${path}: ${from ?? 'absent'} → ${to ?? 'absent'}`,
  )

test('due while the file that it creates is missing', () => {
  const path = join(folder, "it's here")
  expect(changes({ by: 'file', path })).toEqual([`${path}: absent → made by make it …`])
  writeFileSync(path, '')
  expect(changes({ by: 'file', path })).toEqual([])
})

test.each([
  ['true', []],
  ['false', ['command make it …: `false` does not hold → run']],
  ['no-such-program --version', ['command make it …: `no-such-program --version` does not hold → run']],
  // Nothing of it leaks into the look: not its output, its input or its end.
  ['echo 0; cat; exit 3', ['command make it …: `echo 0; cat; exit 3` does not hold → run']],
  ['if then', ['command make it …: `if then` does not hold → run']],
])('due unless %s', (script, expected) => {
  expect(changes({ by: 'test', script, is: 'read-only' })).toEqual(expected)
})
