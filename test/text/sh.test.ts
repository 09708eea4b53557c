import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { secret, shown, wire } from '../../src/model/command.js'
import { join, raw, sh } from '../../src/text/sh.js'

const prints = (script: string): string => spawnSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).stdout

test('words, lists, numbers and commands arrive as they are meant', () => {
  const inner = sh`printf '<%s>' ${"it's"}`
  const command = sh`${inner}; printf '[%s]' ${['a b', '$HOME', '']} ${7}`
  expect(prints(wire(command))).toBe("<it's>[a b][$HOME][][7]")
})

test('the shell keeps its backslashes and its parameter expansions', () => {
  const command = sh`p=/a/b; printf '%s\n' "\${p%/*}" "\`echo x\`" '\.'`
  expect(prints(wire(command))).toBe('/a\nx\n\\.\n')
})

test('a secret is quoted on the wire and hidden where it is shown', () => {
  const command = join([sh`printf %s ${secret("to'ken")}`, raw('true')], '; ')
  expect(prints(wire(command))).toBe("to'ken")
  expect(shown(command)).toBe('printf %s ***; true')
})
