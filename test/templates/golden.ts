// Compares a rendered text with its golden file; UPDATE_GOLDEN=1 writes the file instead.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'

const folder = join(import.meta.dirname, 'golden')

export const goldenFile = (name: string): string => join(folder, name)

export const expectGolden = (name: string, text: string): void => {
  const file = goldenFile(name)
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  expect(text, `differs from ${name}; UPDATE_GOLDEN=1 accepts it`).toBe(readFileSync(file, 'utf8'))
}
