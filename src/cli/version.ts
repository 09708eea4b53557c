// Which khactl this is.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

export const versionText = (): string => {
  const text = readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8')
  return `khactl ${(JSON.parse(text) as { readonly version: string }).version}`
}
