// Texts for terminals: safe, as wide as they say, folded, said.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { foldNames, sayHosts } from '../../src/text/fold-names.js'
import { lineDiff, unifiedDiff } from '../../src/text/line-diff.js'
import { plainLine, plainText } from '../../src/text/plain.js'
import { count, duration, listed } from '../../src/text/say.js'
import { table } from '../../src/text/table.js'
import { displayWidth, padEnd, padStart, truncate, wrap } from '../../src/text/width.js'

describe('plain', () => {
  test.each([
    ['a\u001B[31mb\u001B[0mc', 'abc'],
    ['\u001B]8;;http://x\u001B\\link\u001B]8;;\u0007', 'link'],
    ['10%\r50%\r100%', '100%'],
    ['done\r\nnext', 'done next'],
    ['a\tb', 'a  b'],
    ['\u202Egpj.exe', 'gpj.exe'],
    ['\u009B31mx', 'x'],
    ['grüße 日本 😀', 'grüße 日本 😀'],
  ])('%j', (text, shown) => expect(plainLine(text)).toBe(shown))

  test('never leaves a control character', () => {
    const noise = fc.string({
      unit: fc.constantFrom('a', '\u001B', '[', '3', 'm', ']', '\u0007', '\r', '\n', '\u009B', '\u0000', '\u202E'),
    })
    fc.assert(fc.property(noise, (text) => !/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202E]/.test(plainText(text))))
  })
})

describe('width', () => {
  test.each([
    ['abc', 3],
    ['grüße', 5],
    ['日本', 4],
    ['e\u0301', 1],
    ['😀', 2],
    ['✔▸…→', 4],
  ])('of %s is %i', (text, width) => expect(displayWidth(text)).toBe(width))

  test('cut texts fit, and say that they were cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', ' ', '日', '😀', 'é') }), fc.nat(30), (text, width) => {
        const cut = truncate(text, width)
        return displayWidth(cut) <= Math.max(0, width) && (cut === text || width === 0 || cut.endsWith('…'))
      }),
    )
  })

  test('filled texts are as wide as asked', () => {
    expect([padEnd('日本', 6), padStart('日本', 6), padEnd('toolong', 3)]).toEqual(['日本  ', '  日本', 'toolong'])
    expect(wrap('one two  three', 7)).toEqual(['one two', 'three'])
  })

  test('tables', () => {
    expect(
      table(
        [
          ['host', 'n'],
          ['日本', '10'],
          ['a', ''],
        ],
        { columns: [{ align: 'left' }, { align: 'right' }] },
      ),
    ).toEqual(['host   n', '日本  10', 'a'])
  })
})

describe('names', () => {
  test.each([
    [['haproxy-1', 'haproxy-2'], 'haproxy-1, haproxy-2'],
    [['worker-1', 'worker-2', 'worker-3', 'worker-4', 'worker-5'], 'worker-[1-5]'],
    [['w-08', 'w-09', 'w-10', 'w-11'], 'w-[08-11]'],
    [['w-8', 'w-9', 'w-10'], 'w-[8-10]'],
    [['w-1', 'w-02', 'w-03', 'w-4'], 'w-1, w-02, w-03, w-4'],
    [['a1.example.org', 'a2.example.org', 'a3.example.org'], 'a[1-3].example.org'],
    [['a-1', 'b-2', 'a-3', 'web'], 'a-1, b-2, a-3, web'],
    [[], ''],
  ])('%j', (names, folded) => expect(foldNames(names)).toBe(folded))

  test('all are said so, when they are some', () => {
    expect(sayHosts(['a', 'b', 'c'], ['a', 'b', 'c'])).toBe('all 3 hosts')
    expect(sayHosts(['a', 'b'], ['a', 'b'])).toBe('a, b')
    expect(sayHosts(['a', 'b', 'c'], ['a', 'b', 'c', 'd'])).toBe('a, b, c')
  })
})

test('durations, counts, lists', () => {
  expect([0, 320, 9_940, 9_960, 59_400, 59_600, 185_000, 3_725_000].map(duration)).toEqual([
    '0.0 s',
    '0.3 s',
    '9.9 s',
    '10 s',
    '59 s',
    '1 min 00 s',
    '3 min 05 s',
    '1 h 02 min',
  ])
  expect([count(1, 'host'), count(2, 'host'), listed(['a', 'b', 'c'])]).toEqual(['1 host', '2 hosts', 'a, b and c'])
})

test('unified diffs', () => {
  const hunks = lineDiff({ from: 'a\nb\nc\n', to: 'a\nB\nc\n' })
  expect(hunks && unifiedDiff(hunks)).toBe('@@ line 1 @@\n a\n-b\n+B\n c')
  expect(lineDiff({ from: 'a\n', to: 'a\n' })).toEqual([])
})
