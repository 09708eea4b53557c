// docs/inventory.md names every key, and its first inventory loads.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadInventory } from '../../src/inventory/load.js'
import { allKeyPaths } from '../../src/inventory/schema/walk.js'
import { diagnosticsText } from '../../src/text/diagnostics.js'
import { makeLab, surroundingsOf } from './lab.js'

const page = await readFile(join(import.meta.dirname, '../../docs/inventory.md'), 'utf8')

it('names every key', () => {
  const keys = new Set(allKeyPaths().map((path) => path.at(-1) ?? ''))
  expect([...keys].filter((key) => !new RegExp(`\\b${key}\\b`).test(page))).toEqual([])
})

it('begins with an inventory that loads', async () => {
  const lab = await makeLab()
  const text = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
  const flannel = 'https://github.com/flannel-io/flannel/releases/download/v0.25.1/kube-flannel.yml'
  const file = await lab.write('inventory.yaml', text)
  const { inventory, diagnostics } = await loadInventory(surroundingsOf(lab, file, { [flannel]: '"Network": "x"\n' }))
  expect(diagnosticsText(diagnostics)).toBe('')
  expect(inventory?.hosts).toHaveLength(25)
})
