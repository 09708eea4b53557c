// A mistake found by a check: which part of the inventory, why, and the remedy. locate.ts gives it its place in the file.
import type { YamlPath } from '../text/yaml.js'

export interface Problem {
  readonly severity: 'error' | 'warning'
  /** Without `inventory.` in front. */
  readonly code: string
  readonly path: YamlPath
  /** Which half of `key: value` is wrong. */
  readonly at: 'key' | 'value'
  readonly message: string
  readonly hint: string
  /** The other part of a contradiction; its line is added to the message. */
  readonly other?: YamlPath
  /** For an unknown key: the key that was probably meant. */
  readonly meant?: YamlPath
}

type Details = Pick<Problem, 'path' | 'message' | 'hint'> & Partial<Pick<Problem, 'at' | 'other' | 'meant'>>

export const mistake = (code: string, details: Details): Problem => ({
  severity: 'error',
  code,
  at: 'value',
  ...details,
})

export const warning = (code: string, details: Details): Problem => ({
  severity: 'warning',
  code,
  at: 'value',
  ...details,
})

/** `masters[0].address`, as the messages name a part; the file itself is `the inventory`. */
export const pathText = (path: YamlPath): string =>
  path.length === 0
    ? 'the inventory'
    : path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${part}`)).join('')
