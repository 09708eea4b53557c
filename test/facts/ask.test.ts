import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { wire } from '../../src/model/command.js'
import { fact, known, type Kind } from '../../src/model/fact.js'
import type { Answer } from '../../src/model/session.js'
import { question } from '../../src/facts/ask.js'
import { readOnly } from '../../src/facts/mint.js'
import { quote, raw, sh } from '../../src/text/sh.js'

/** Prints each argument, NUL-ended. */
const echo: Kind<string, string> = {
  name: 'echo',
  stays: 'host',
  cost: 'cheap',
  within: 5000,
  ask: (args) => readOnly(sh`printf '%s\0' ${args}`),
  tell: ({ stdout }, args) => {
    const parts = stdout.toString('utf8').split('\0')
    return args.map((_, index) => known(parts[index] ?? 'missing'))
  },
}
const kindOf = (name: string, script: string, within = 5000): Kind<null, string> => ({
  name,
  stays: 'host',
  cost: 'cheap',
  within,
  ask: () => readOnly(raw(script)),
  tell: ({ stdout, stderr, status }) => [known(`${status}|${stdout.toString('latin1')}|${stderr.toString('latin1')}`)],
})

const runs = (script: string): Answer => {
  const { stdout, stderr, status } = spawnSync('/bin/sh', ['-c', script], { input: '' })
  return { stdout, stderr, status: status ?? 1 }
}

describe('a question to a real sh', () => {
  test('folds the facts of one kind into one command and gives every fact its own answer', () => {
    const facts = ['a', "it's", 'a b', '$(x)'].map((word) => fact(echo, word))
    const asked = question([...facts, facts[0] ?? fact(echo, 'a')], 'n0nce')
    expect(wire(asked.script).match(/timeout/g)).toHaveLength(1)
    const seen = asked.read(runs(wire(asked.script)))
    expect(facts.map(({ key }) => seen.get(key))).toEqual(['a', "it's", 'a b', '$(x)'].map(known))
  })

  test('keeps streams and statuses of sections apart, noise before the start and bytes as they are', () => {
    const one = fact(kindOf('one', `printf 'a\\n\\nb'; printf err >&2; exit 3`), null)
    const two = fact(kindOf('two', `printf '\\377\\000x'`), null)
    const asked = question([one, two], 'n0nce')
    const seen = asked.read(runs(`echo Welcome; echo motd >&2\n${wire(asked.script)}`))
    expect(seen.get(one.key)).toEqual(known('3|a\n\nb|err'))
    expect(seen.get(two.key)).toEqual(known('0|\u00ff\0x|'))
  })

  test('a section that hangs or kills itself leaves only its own facts unreadable', () => {
    const hangs = fact(kindOf('hangs', 'sleep 30', 1000), null)
    const dies = fact(kindOf('dies', 'kill -9 $$'), null)
    const fine = fact(echo, 'x')
    const asked = question([hangs, dies, fine], 'n0nce')
    const seen = asked.read(runs(wire(asked.script)))
    expect(seen.get(hangs.key)).toEqual({ status: 'unreadable', why: 'hangs: no answer within 1 s' })
    expect(seen.get(dies.key)?.status).toBe('unreadable')
    expect(seen.get(fine.key)).toEqual(known('x'))
  })

  test('an answer that was cut off is unreadable from there on', () => {
    const one = fact(echo, 'x')
    const two = fact(kindOf('two', 'echo y'), null)
    const asked = question([one, two], 'n0nce')
    const answer = runs(wire(asked.script))
    const cut = { ...answer, stdout: answer.stdout.subarray(0, answer.stdout.length - 12) }
    expect(asked.read(cut).get(one.key)).toEqual(known('x'))
    expect(asked.read(cut).get(two.key)).toEqual({ status: 'unreadable', why: "two: the host's answer was cut off" })
  })
})

test('a parser that stumbles makes its own facts unreadable and no others', () => {
  const stumbles = fact({ ...kindOf('stumbles', 'echo x'), tell: () => JSON.parse('{') as never }, null)
  const fine = fact(echo, 'x')
  const asked = question([stumbles, fine], 'n0nce')
  const seen = asked.read(runs(wire(asked.script)))
  expect(seen.get(stumbles.key)).toMatchObject({
    status: 'unreadable',
    why: expect.stringContaining('its answer makes no sense') as string,
  })
  expect(seen.get(fine.key)).toEqual(known('x'))
})

test('quote survives every word', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), (word) => {
      fc.pre(!word.includes('\0'))
      expect(runs(`printf %s ${quote(word)}`).stdout.toString('utf8')).toBe(Buffer.from(word).toString('utf8'))
    }),
    { numRuns: 60 },
  )
})
