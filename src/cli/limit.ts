// --limit: names, ranges, patterns and roles → the hosts that may be changed.
import { KhactlError } from '../model/error.js'
import type { HostName } from '../model/host.js'
import type { Host } from '../model/inventory.js'
import { suggest } from '../text/suggest.js'

/** null: no limit. In the order of the inventory. Throws KhactlError `cli.limit` for a word that means no host. */
export const limitHosts = (words: readonly string[], hosts: readonly Host[]): readonly HostName[] | null => {
  if (words.length === 0) return null
  const wanted = new Set(words.flatMap((word) => hostsMeant(word, { option: '--limit', hosts })))
  return hosts.map(({ name }) => name).filter((name) => wanted.has(name))
}

/** Throws KhactlError `cli.limit` for a word that means no host; `option` is where the word was given. */
export const hostsMeant = (
  word: string,
  { option, hosts }: { readonly option: '--limit' | '--on'; readonly hosts: readonly Host[] },
): readonly HostName[] => {
  const matches = matcher(word)
  const found = hosts.filter(
    ({ name, roles }) => matches(name) || roles.some((role) => [role, `${role}s`].includes(word)),
  )
  if (found.length > 0) return found.map(({ name }) => name)
  const near = suggest(word, [...hosts.map(({ name }) => name), 'haproxy', 'master', 'worker'])
  throw new KhactlError('cli.limit', {
    message: `${option} ${word}: no host of the inventory is meant by it`,
    exit: 'usage',
    hint: near === null ? `The hosts are: ${hosts.map(({ name }) => name).join(', ')}.` : `Did you mean ${near}?`,
  })
}

/** `worker-[1-5]` as khactl prints it, `worker-[1:5]` as the inventory writes it, `worker-*`. */
const matcher = (word: string): ((name: string) => boolean) => {
  const range = /^(.*)\[(\d+)[-:](\d+)\](.*)$/.exec(word)
  if (range) {
    const [, before = '', first = '', last = '', after = ''] = range
    return (name) => {
      const digits =
        name.startsWith(before) && name.endsWith(after) ? name.slice(before.length, name.length - after.length) : ''
      return /^\d+$/.test(digits) && Number(digits) >= Number(first) && Number(digits) <= Number(last)
    }
  }
  const pattern = new RegExp(
    `^${word
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  )
  return (name) => pattern.test(name)
}
