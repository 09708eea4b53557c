// Whatever is done to an inventory, loading it answers with an inventory or with diagnostics; it never throws.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { loadInventory } from '../../src/inventory/load.js'
import { makeLab, surroundingsOf } from './lab.js'

const text = await readFile(join(import.meta.dirname, '../../inventory.example.yaml'), 'utf8')
const lines = text
  .split('\n')
  .filter((line) => line.trim() !== '' && !line.trim().startsWith('#') && !line.includes('command:'))

const shreds = [
  '',
  '~',
  '[]',
  '{}',
  '-1',
  '1.30',
  'true',
  '"',
  '{',
  ']',
  '&a',
  '*a',
  '!x',
  '<<: 1',
  '__proto__: 1',
  'constructor: {}',
  '[1:',
  '- x',
  '\t',
  '???',
  'é',
]

it('never throws', async () => {
  const lab = await makeLab()
  const change = fc.record({
    at: fc.nat(lines.length - 1),
    how: fc.constantFrom('drop', 'value', 'key', 'cut', 'twice', 'indent'),
    shred: fc.constantFrom(...shreds),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const broken = changes.reduce(
        (all, { at, how, shred }) => all.map((line, index) => (index === at ? mangle(line, { how, shred }) : line)),
        lines,
      )
      const file = await lab.write('fuzz.yaml', broken.join('\n'))
      const { inventory, diagnostics } = await loadInventory(surroundingsOf(lab, file))
      expect(inventory !== null || diagnostics.some(({ severity }) => severity === 'error')).toBe(true)
      for (const { message, hint } of diagnostics) expect(`${message} ${hint}`).not.toMatch(/undefined|\[object|NaN/)
    }),
    { numRuns: 100 },
  )
}, 60_000)

const mangle = (line: string, { how, shred }: { how: string; shred: string }): string => {
  switch (how) {
    case 'drop':
      return ''
    case 'value':
      return line.replace(/: .*$|:$/, `: ${shred}`)
    case 'key':
      return line.replace(/[A-Za-z]+(?=:)/, shred === '' ? 'x' : shred)
    case 'cut':
      return line.slice(0, Math.floor(line.length / 2)) + shred
    case 'twice':
      return `${line}\n${line}`
    default:
      return `  ${line}`
  }
}
