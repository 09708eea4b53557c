import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { wire } from '../../src/model/command.js'
import { fact, known, type Fact, type Kind } from '../../src/model/fact.js'
import type { Answer } from '../../src/model/session.js'
import { question, type Manner } from '../../src/facts/ask.js'
import { readOnly } from '../../src/facts/mint.js'
import { quote } from '../../src/text/quote.js'
import { raw, sh } from '../../src/text/sh.js'

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

const ask = (facts: readonly Fact<unknown>[], manner: Manner = 'together') => {
  const asked = question(facts, { nonce: 'n0nce', manner })
  return { text: wire(asked.script), read: asked.read }
}

describe.each(['together', 'apart'] as const)('a question to a real sh, %s', (manner) => {
  test('folds the facts of one kind into one command and gives every fact its own answer', () => {
    const facts = ['a', "it's", 'a b', '$(x)'].map((word) => fact(echo, word))
    const { text, read } = ask([...facts, facts[0] ?? fact(echo, 'a')], manner)
    expect(text.match(/look\(\)/g)).toHaveLength(1)
    const seen = read(runs(text))
    expect(facts.map(({ key }) => seen.get(key))).toEqual(['a', "it's", 'a b', '$(x)'].map(known))
  })

  test('keeps streams and statuses of sections apart, noise before the start and bytes as they are', () => {
    const one = fact(kindOf('one', `printf 'a\\n\\nb'; printf err >&2; return 3`), null)
    const two = fact(kindOf('two', `printf '\\377\\000x'`), null)
    const { text, read } = ask([one, two], manner)
    const seen = read(runs(`echo Welcome; echo motd >&2\n${text}`))
    expect(seen.get(one.key)).toEqual(known('3|a\n\nb|err'))
    expect(seen.get(two.key)).toEqual(known('0|\u00ff\0x|'))
  })

  test('what a section sets does not reach the next', () => {
    const one = fact(kindOf('one', `IFS=x; set -- 1 2 3; echo $#`), null)
    const two = fact(kindOf('two', `w='axb c'; set -- $w "$@"; echo $#`), null)
    const { text, read } = ask([one, two], manner)
    const seen = read(runs(text))
    expect([one, two].map(({ key }) => seen.get(key))).toEqual([known('0|3\n|'), known('0|2\n|')])
  })

  test('a parser that stumbles makes its own facts unreadable and no others', () => {
    const stumbles = fact({ ...kindOf('stumbles', 'echo x'), tell: () => JSON.parse('{') as never }, null)
    const fine = fact(echo, 'x')
    const { text, read } = ask([stumbles, fine], manner)
    const seen = read(runs(text))
    expect(seen.get(stumbles.key)).toMatchObject({
      status: 'unreadable',
      why: expect.stringContaining('its answer makes no sense') as string,
    })
    expect(seen.get(fine.key)).toEqual(known('x'))
  })
})

describe('a section that hangs, kills or leaves its shell', () => {
  const hangs = fact(kindOf('hangs', 'sleep 30', 1000), null)
  const dies = fact(kindOf('dies', 'kill -9 $$'), null)
  const leaves = fact(kindOf('leaves', 'exit 3'), null)
  const fine = fact(echo, 'x')

  test('apart, leaves only its own facts unreadable', () => {
    const { text, read } = ask([hangs, dies, leaves, fine], 'apart')
    const seen = read(runs(text))
    expect(seen.get(hangs.key)).toEqual({ status: 'unreadable', why: 'hangs: no answer within 1 s' })
    expect(seen.get(dies.key)?.status).toBe('unreadable')
    expect(seen.get(leaves.key)).toEqual(known('3||'))
    expect(seen.get(fine.key)).toEqual(known('x'))
  })

  test.each([
    ['kills', dies],
    ['leaves', leaves],
  ])('together, %s: leaves itself and what follows to be asked again', (_, breaks) => {
    const before = fact(kindOf('before', 'echo y'), null)
    const { text, read } = ask([before, breaks, fine])
    const seen = read(runs(text))
    expect([...seen.keys()]).toEqual([before.key])
    expect(seen.get(before.key)).toEqual(known('0|y\n|'))
  })

  test('what talks to others has its own time limit also where sections share a shell', () => {
    const active = fact({ ...kindOf('active', 'sleep 30', 1000), cost: 'active' }, null)
    const { text, read } = ask([active, fine])
    const seen = read(runs(text))
    expect(seen.get(active.key)).toEqual({ status: 'unreadable', why: 'active: no answer within 1 s' })
    expect(seen.get(fine.key)).toEqual(known('x'))
  })
})

test('an answer that was cut off is unreadable from there on, or asked again', () => {
  const one = fact(echo, 'x')
  const two = fact(kindOf('two', 'echo y'), null)
  const read = (manner: Manner) => {
    const asked = ask([one, two], manner)
    const answer = runs(asked.text)
    return asked.read({ ...answer, stdout: answer.stdout.subarray(0, answer.stdout.length - 12) })
  }
  expect(read('apart').get(one.key)).toEqual(known('x'))
  expect(read('apart').get(two.key)).toEqual({ status: 'unreadable', why: "two: the host's answer was cut off" })
  expect([...read('together').keys()]).toEqual([one.key])
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
