// Must show 8: every broken inventory in broken/ is refused, with the messages of broken-messages.txt.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadInventory } from '../../src/inventory/load.js'
import { diagnosticsText } from '../../src/text/diagnostics.js'
import { makeLab, surroundingsOf, type Lab } from './lab.js'

const folder = join(import.meta.dirname, 'broken')
const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort()
let lab: Lab
beforeAll(async () => {
  lab = await makeLab()
})

const diagnose = async (name: string) => {
  const file = await lab.write(name, await readFile(join(folder, name)))
  const loaded = await loadInventory(surroundingsOf(lab, file))
  return { refused: loaded.inventory === null, diagnostics: loaded.diagnostics }
}

describe('broken inventories', () => {
  it('are thirty at least', () => expect(names.length).toBeGreaterThanOrEqual(30))

  it.each(names)('%s is refused, with place, cause and remedy, and shows no secret', async (name) => {
    const { refused, diagnostics } = await diagnose(name)
    expect(refused).toBe(true)
    expect(diagnostics.some(({ severity }) => severity === 'error')).toBe(true)
    for (const { line, column, message, hint, code } of diagnostics) {
      expect(line).toBeGreaterThan(0)
      expect(column).toBeGreaterThan(0)
      expect(code).toMatch(/^inventory\.[a-z0-9-]+$/)
      expect(`${message} ${hint}`).not.toMatch(/undefined|\[object|null|NaN/)
      expect(hint).not.toBe('')
    }
    if (!name.startsWith('secret-command')) expect(diagnosticsText(diagnostics)).not.toContain('hunter2')
  })

  it('get these messages', async () => {
    const pages: string[] = []
    for (const name of names) {
      const { diagnostics } = await diagnose(name)
      pages.push(`───── ${name} ─────\n\n${diagnosticsText(diagnostics).replaceAll(`${lab.folder}/`, '')}`)
    }
    await expect(pages.join('\n')).toMatchFileSnapshot('broken-messages.txt')
  })
})
