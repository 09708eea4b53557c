// The names of the hosts of an inventory's text, for completion: quick, and content with a text that is not right yet.
import { readYaml } from '../text/yaml.js'
import { expandRange } from './range.js'

/** In the order of the file; nothing is checked, no reference is followed and no command is run. */
export const hostNames = (text: string): readonly string[] => {
  const root = asRecord(readYaml(text).value)
  const entries = ['haproxy', 'masters', 'workers'].flatMap((list) => {
    const value = root[list]
    return Array.isArray(value) ? (value as readonly unknown[]) : []
  })
  const names = entries.flatMap((entry) => {
    const { name } = asRecord(entry)
    if (typeof name !== 'string') return []
    const range = expandRange(name)
    return range.kind === 'range' ? range.values : range.kind === 'single' ? [name] : []
  })
  // What no shell would take apart; others are no names of hosts anyway.
  return [...new Set(names)].filter((name) => /^[\w.-]+$/.test(name))
}

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
