// Which khactl this is.
import { readFileSync } from 'node:fs'

export const versionText = (): string => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return `khactl ${(JSON.parse(text) as { readonly version: string }).version}`
}
