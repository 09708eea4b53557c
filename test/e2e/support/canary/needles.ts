// What the canary looks for: every secret, in the forms in which programs print one.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Planted {
  readonly name: string
  readonly forms: readonly string[]
}

/** The value itself, and quoted for sh, JSON (twice: inside a log) and URLs, and in base64 and hexadecimal. */
export const planted = (name: string, value: string): Planted => {
  const json = JSON.stringify(value).slice(1, -1)
  const forms = [
    value,
    value.replaceAll("'", `'\\''`),
    value.replaceAll(/[^A-Za-z0-9]/g, '\\$&'),
    json,
    JSON.stringify(json).slice(1, -1),
    encodeURIComponent(value),
    Buffer.from(value).toString('hex'),
    ...base64Of(value),
  ]
  return { name, forms: [...new Set(forms)] }
}

/**
 * A key file: each of its lines, which are base64, stands for the whole; and the base64 of all of it, as kubeconfigs hold it.
 * The first line is left out: it says of what kind the key is, and is the same in many.
 */
export const plantedKey = (name: string, pem: string): Planted => {
  const body = pem.split('\n').filter((line) => line.length >= 32 && !line.startsWith('-----'))
  const lines = body.slice(1)
  if (lines.length === 0) throw new Error(`${name}: not a key`)
  return { name, forms: [...new Set([...lines, ...lines.flatMap(base64Of)])] }
}

/** Wherever it begins inside a longer text: what of it does not depend on its neighbours. */
const base64Of = (value: string): readonly string[] =>
  [0, 1, 2]
    .map((shift) => {
      const text = Buffer.concat([Buffer.alloc(shift), Buffer.from(value)]).toString('base64')
      const whole = Math.floor((shift + Buffer.byteLength(value)) / 3) * 4
      return text.slice(shift === 0 ? 0 : 4, whole)
    })
    .filter((text) => text.length >= 6)

/** Tokens and certificate keys that khactl made during the run, as the sampler saw it hand them to kubeadm. */
export const mintedIn = (folder: string): readonly Planted[] => {
  const text = ((): string => {
    try {
      return readFileSync(join(folder, 'minted'), 'utf8')
    } catch {
      return ''
    }
  })()
  const of = (pattern: RegExp): readonly string[] => [
    ...new Set([...text.matchAll(pattern)].map(([, value = '']) => value)),
  ]
  return [
    ...of(/token['"]?:\s*['"]?([a-z0-9]{6}\.[a-z0-9]{16})/gi).flatMap((token, index) => [
      planted(`join token ${index + 1}`, token),
      planted(`secret half of join token ${index + 1}`, token.slice(7)),
    ]),
    ...of(/certificateKey['"]?:\s*['"]?([0-9a-f]{64})/g).map((key, index) =>
      planted(`certificate key ${index + 1}`, key),
    ),
  ]
}
