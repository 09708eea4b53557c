// inventory.example.yaml cannot rot: it loads, and every key of the schema stands in it.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadInventory } from '../../src/inventory/load.js'
import { allKeyPaths } from '../../src/inventory/schema/walk.js'
import { diagnosticsText } from '../../src/text/diagnostics.js'
import { readYaml } from '../../src/text/yaml.js'
import { makeLab, surroundingsOf } from './lab.js'

const root = join(import.meta.dirname, '../..')
const text = await readFile(join(root, 'inventory.example.yaml'), 'utf8')

it('loads without an error or a warning', async () => {
  const lab = await makeLab()
  const { inventory, diagnostics } = await loadInventory(surroundingsOf(lab, await lab.write('example.yaml', text)))
  expect(diagnosticsText(diagnostics)).toBe('')
  expect(inventory?.hosts).toHaveLength(1 + 3 + 20 + 1)
  expect(inventory?.cluster.registries[1]?.credentials?.password.reveal()).toBe('from-command')
})

/** `cluster.registries.host` for every key that is set; list items add no part. */
const setPaths = (value: unknown, above: readonly string[] = []): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap((item) => setPaths(item, above))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) => [[...above, key].join('.'), ...setPaths(part, [...above, key])])
}

it('has every key of the schema', () => {
  const set = new Set(setPaths(readYaml(text).value))
  // Hosts have the same keys in every list, a login the same ones wherever it stands, a secret the same three ways: once is enough.
  const once = (path: string) =>
    path
      .replace(/^(haproxy|masters|workers)\./, 'host.')
      .replace(/^host\.ssh\./, 'ssh.')
      .replace(/^ssh\.jump\.(?!address$)/, 'ssh.')
      .replace(/^.*\.(password|passphrase|sudoPassword)\./, 'secret.')
  const have = new Set([...set].map(once))
  const commented = ['cluster.packages.directory', 'cluster.cni.calico', 'cluster.cni.flannel']
  const missing = allKeyPaths()
    .map((path) => once(path.join('.')))
    .filter((path) => !have.has(path) && !commented.includes(path))
  expect([...new Set(missing)]).toEqual([])
  for (const path of commented) expect(text).toMatch(new RegExp(`\\b${path.split('.').at(-1)}: `))
})
