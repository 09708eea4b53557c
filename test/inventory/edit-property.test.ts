// Whatever an inventory looks like: an edit changes the entry it is about and not one byte beside it.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { editInventory, type Edit } from '../../src/inventory/edit.js'
import { KhactlError } from '../../src/model/error.js'
import { readYaml } from '../../src/text/yaml.js'

const lists = ['haproxy', 'masters', 'workers'] as const
type ListName = (typeof lists)[number]

const entry = fc.record({
  style: fc.constantFrom('flow', 'tight', 'block', 'flow over lines'),
  quote: fc.constantFrom('', '"', "'"),
  above: fc.constantFrom('', '# above', '# above\n# twice', '\n# after a gap', '#'),
  inside: fc.constantFrom('', '# inside: { "'),
  tail: fc.constantFrom('', ' # tail', '   # - { name: no }'),
  more: fc.constantFrom(
    '',
    'labels: { a: "b, }" }',
    'nodeIP: 10.9.9.9',
    'taints: ["x=y:NoSchedule"]',
    'ssh: { key: "~/.ssh/#1" }',
  ),
  below: fc.constantFrom('', '\n', '\n\n'),
})
type Entry = typeof entry extends fc.Arbitrary<infer T> ? T : never

const list = fc.record({
  style: fc.constantFrom('block', 'brackets', 'brackets over lines'),
  indent: fc.constantFrom(0, 2, 4),
  dash: fc.constantFrom('- ', '-   '),
  comma: fc.constantFrom('', ','),
  keyTail: fc.constantFrom('', ' # the list'),
  entries: fc.array(entry, { maxLength: 4 }),
  end: fc.constantFrom('', '# at the end', '\n# at the very end\n', '      # deep'),
})
type List = typeof list extends fc.Arbitrary<infer T> ? T : never

const file = fc.record({
  lists: fc.tuple(list, list, list),
  order: fc.constantFrom<readonly ListName[]>(lists, lists.toReversed()),
  lineBreak: fc.constantFrom('\n', '\r\n'),
  mark: fc.constantFrom('', '\uFEFF'),
  end: fc.constantFrom('', '\n', '\n# vim: ts=2\n', '\n\n'),
})

const fieldsOf = ({ quote, more }: Entry, name: string) => [
  `name: ${quote}${name}${quote}`,
  `address: ${name}.example`,
  ...(more === '' ? [] : [more]),
]

/** Between marks that stand in no inventory, so that the places of the entries can be found again. */
const [open, close] = ['\u0001', '\u0002']

const entryText = (one: Entry, { name, column }: { name: string; column: number }): string => {
  const pad = ' '.repeat(column)
  const fields = fieldsOf(one, name)
  if (one.style === 'block') {
    const [first = '', ...others] = fields
    return [first, ...(one.inside === '' ? [] : [one.inside]), ...others].join(`\n${pad}`)
  }
  if (one.style === 'flow over lines') return `{\n${pad}  ${fields.join(`,\n${pad}  `)}\n${pad}}`
  return one.style === 'tight' ? `{${fields.join(', ')}}` : `{ ${fields.join(', ')} }`
}

const listText = (name: ListName, { style, indent, dash, comma, keyTail, entries, end }: List): string => {
  const pad = ' '.repeat(indent)
  const named = entries.map((one, index) => ({ one, host: `${name}-${index}` }))
  if (entries.length === 0) return `${name}: []${keyTail}\n${end}`
  if (style === 'brackets') {
    const inner = named.map(
      ({ one, host }) => open + entryText({ ...one, style: 'flow' }, { name: host, column: 2 }) + close,
    )
    return `${name}: [${inner.join(', ')}${comma}]${keyTail}\n${end}`
  }
  const lines = named.map(({ one, host }, index) => {
    const above = one.above === '' ? '' : `${one.above.replace(/^#/gm, `${pad}#`)}\n`
    if (style === 'block') {
      const text = entryText(one, { name: host, column: indent + dash.length })
      return `${above}${pad}${dash}${open}${text}${one.tail}${close}\n${one.below}`
    }
    const text = entryText(one.style === 'block' ? { ...one, style: 'flow' } : one, { name: host, column: indent + 2 })
    const separator = index === entries.length - 1 ? comma : ','
    return `${above}${pad}  ${open}${text}${close}${separator}${one.tail}\n${one.below}`
  })
  if (style === 'block') return `${name}:${keyTail}\n${lines.join('')}${end}`
  return `${name}: [${keyTail}\n${lines.join('')}${pad}]\n${end}`
}

const fileText = ({
  lists: all,
  order,
  lineBreak,
  mark,
  end,
}: typeof file extends fc.Arbitrary<infer T> ? T : never) => {
  const parts = order.map((name) => listText(name, all[lists.indexOf(name)] as List).replace(/\n*$/, '\n'))
  const marked = `apiVersion: khactl/v1 # version\n\n${parts.join('\n')}`
    .replace(/\n$/, end)
    .replaceAll('\n', lineBreak)
  return { marked, text: mark + marked.replaceAll(open, '').replaceAll(close, ''), mark }
}

const places = (marked: string, mark: string) => {
  const parts = marked.split(/[\u0001\u0002]/)
  let at = mark.length
  return parts.flatMap((part, index) => {
    const place = { from: at, to: at + part.length, name: /name: ["']?([a-z]+-\d)/.exec(part)?.[1] ?? '' }
    at += part.length
    return index % 2 === 1 ? [place] : []
  })
}

const absent = (host: string): Edit => ({ kind: 'mark-absent', host })
const forget = (host: string): Edit => ({ kind: 'forget', host })
const runs = { numRuns: 100 }

it('the files of this test are read as they are meant', () => {
  fc.assert(
    fc.property(file, (made) => {
      const { text } = fileText(made)
      const { value, mistakes } = readYaml(text.replace('\uFEFF', ''))
      expect(mistakes).toEqual([])
      expect(lists.map((name) => (value as Record<string, unknown[]>)[name]?.length)).toEqual(
        made.lists.map(({ entries }) => entries.length),
      )
    }),
    runs,
  )
})

it('marking an entry changes that entry alone, and twice is once', () => {
  fc.assert(
    fc.property(file, fc.nat(11), (made, pick) => {
      const { text, marked, mark } = fileText(made)
      const all = places(marked, mark)
      const place = all[pick % Math.max(all.length, 1)]
      if (place === undefined) return
      const edited = editInventory(text, [absent(place.name)])
      expect(edited.startsWith(text.slice(0, place.from))).toBe(true)
      expect(edited.endsWith(text.slice(place.to))).toBe(true)
      expect(edited.length).toBeGreaterThan(text.length)
      expect(editInventory(edited, [absent(place.name)])).toBe(edited)
    }),
    runs,
  )
})

it('adding, marking and forgetting a host leaves the text as it was', () => {
  fc.assert(
    fc.property(file, fc.constantFrom(...lists), (made, name) => {
      const { text } = fileText(made)
      const added = editInventory(text, [{ kind: 'add', list: name, host: { name: 'new-1', address: '10.0.0.77' } }])
      expect(added).not.toBe(text)
      for (const line of text.split(/\r?\n/))
        expect(added).toContain(line.replace(/ \[\]/, '').replace(/[\]} ,].*$/, ''))
      expect(editInventory(added, [absent('new-1')])).not.toBe(added)
      expect(editInventory(added, [absent('new-1'), forget('new-1')])).toBe(text)
    }),
    runs,
  )
})

it('forgetting an entry of a block list takes its lines and its comments, and nothing else', () => {
  fc.assert(
    fc.property(file, fc.nat(11), (made, pick) => {
      const { text, marked, mark } = fileText(made)
      const all = places(marked, mark).filter(
        ({ name }) => made.lists[lists.indexOf(name.split('-')[0] as ListName)]?.style === 'block',
      )
      const place = all[pick % Math.max(all.length, 1)]
      if (place === undefined) return
      const edited = editInventory(text, [absent(place.name), forget(place.name)])
      const kept = (piece: string) => piece.split(/\r?\n/).filter((line) => !/^\s*(#.*)?$/.test(line))
      const line = text.lastIndexOf('\n', place.from) + 1
      const rest = [...kept(text.slice(0, line)), ...kept(text.slice(place.to))]
      const key = place.name.split('-')[0] ?? ''
      const only = made.lists[lists.indexOf(key as ListName)]?.entries.length === 1
      expect(kept(edited)).toEqual(rest.map((one) => (only ? one.replace(`${key}:`, `${key}: []`) : one)))
      const below = /^\s*\n([\s\S]*)$/.exec(text.slice(place.to))?.[1] ?? ''
      expect(edited.endsWith(below.replace(/^( *#[^\n]*(\n|$))+/, ''))).toBe(true)
      // Blank lines and comments that do not touch the entry stay.
      const blank = (one: string) => one.split(/\r?\n/).filter((part) => part.trim() === '').length
      if (text.endsWith('\n')) expect(blank(edited)).toBe(blank(text))
    }),
    runs,
  )
})

it('whatever stands in the file: an edit says what is wrong, or keeps every other value', async () => {
  const example = await readFile(join(import.meta.dirname, '../../inventory.example.yaml'), 'utf8')
  const lines = example.slice(example.indexOf('\nssh:')).split('\n')
  const shreds = [
    '',
    '~',
    '[]',
    '{}',
    '- x',
    '&a',
    '*a',
    '!x',
    '<<: 1',
    '__proto__: 1',
    '"',
    '{',
    '[1:',
    '\t',
    '? ',
    '|',
    '...',
    '---',
    '- - a',
    'workers: []',
  ]
  const change = fc.record({
    at: fc.nat(lines.length - 1),
    how: fc.constantFrom('value', 'key', 'cut', 'indent', 'before'),
    shred: fc.constantFrom(...shreds),
  })
  const edits: readonly Edit[] = [
    { kind: 'add', list: 'workers', host: { name: 'new-1', address: '10.0.0.77' } },
    { kind: 'add', list: 'haproxy', host: { name: 'new-1', address: '10.0.0.77' } },
    ...['worker-07', 'worker-db', 'master-1', 'new-1'].map(absent),
    ...['worker-07', 'worker-db', 'master-1', 'new-1'].map(forget),
  ]
  let done = 0
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 3 }),
      fc.shuffledSubarray([...edits], { minLength: 1 }),
      (changes, some) => {
        const text = changes
          .reduce((all, one) => all.map((line, index) => (index === one.at ? mangled(line, one) : line)), lines)
          .join('\n')
        try {
          const edited = editInventory(text, some)
          done += 1
          const rest = (one: string) => ({ ...(readYaml(one).value as object), haproxy: 0, masters: 0, workers: 0 })
          expect(rest(edited)).toEqual(rest(text))
        } catch (error) {
          if (!(error instanceof KhactlError)) throw error
          expect(error.code).toBe('inventory.edit')
        }
      },
    ),
    { numRuns: 300 },
  )
  expect(done).toBeGreaterThan(20)
})

const mangled = (line: string, { how, shred }: { how: string; shred: string }): string => {
  if (how === 'value') return line.replace(/: .*$|:$/, `: ${shred}`)
  if (how === 'key') return line.replace(/[A-Za-z]+(?=:)/, shred)
  if (how === 'cut') return line.slice(0, Math.floor(line.length / 2)) + shred
  return how === 'before' ? `${shred}\n${line}` : `  ${line}`
}
