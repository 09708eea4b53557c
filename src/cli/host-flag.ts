// `--host name=master-4,address=10.0.0.24,label.zone=a` → what the inventory shall say of the host.
import type { NewHost } from '../inventory/edit.js'
import { host as entry } from '../inventory/schema/host.js'
import { labelKeyFault } from '../inventory/schema/names.js'
import { KhactlError } from '../model/error.js'
import { parseIPv4 } from '../text/ipv4.js'
import { suggest } from '../text/suggest.js'

/** A host that is to be written into the inventory, or one that stands there already. */
export type HostFlag = NewHost | { readonly name: string; readonly address?: undefined }

const own = ['name', 'address', 'nodeIP', 'interface'] as const
const login = ['user', 'port', 'key', 'agent', 'knownHosts', 'hostKeys', 'hostKey', 'jump', 'client', 'config'] as const
const known = [...own, ...login, 'label.KEY', 'taint']
const example = 'Write --host name=master-4,address=10.0.0.24, or --host master-4=10.0.0.24.'

/** Throws KhactlError `cli.host`. */
export const parseHostFlag = (text: string): HostFlag => {
  const parts = inFull(text.split(',').map((part) => partOf(text, part)))
  for (const { key } of parts) refuseUnknown(text, key)
  const repeated = parts.find(
    ({ key }, at) => !['taint', 'key'].includes(key) && parts.findIndex((one) => one.key === key) < at,
  )
  if (repeated !== undefined)
    throw wrong(text, { message: `\`${repeated.key}\` is given twice`, hint: 'Give it once.' })
  const value = (key: string) => parts.find((part) => part.key === key)?.value
  const name = value('name')
  if (name === undefined) throw wrong(text, { message: 'the name of the host is missing', hint: example })
  if (/[[\]]/.test(name))
    throw wrong(text, { message: 'a range is not possible here', hint: 'Give --host once for each host.' })
  const others = parts.filter(({ key }) => key !== 'name')
  if (value('address') === undefined && others.length > 0) {
    const hint = 'Add address=…; a host that stands in the inventory already is named alone: --host name=master-4.'
    throw wrong(text, { message: `the address of ${name} is missing`, hint })
  }
  // The name alone is held against the schema too, with an address that is right.
  const checked = entry.safeParse({ address: '192.0.2.1', ...entryOf(parts) })
  const issue = checked.error?.issues[0]
  if (issue !== undefined) throw wrong(text, faultOf(issue))
  return others.length === 0 ? { name } : (entryOf(parts) as unknown as NewHost)
}

interface Part {
  readonly key: string
  readonly value: string
}

const partOf = (text: string, part: string): Part => {
  const at = part.indexOf('=')
  const [key, value] = at === -1 ? [part.trim(), null] : [part.slice(0, at).trim(), part.slice(at + 1).trim()]
  if (key === '') throw wrong(text, { message: 'a part has no key', hint: example })
  if (value === null && text === part) return { key: 'name', value: key }
  if (value === null || value === '')
    throw wrong(text, { message: `\`${key}\` has no value`, hint: `Write ${key}=…, or leave it out.` })
  return { key, value }
}

/** `master-4=10.0.0.24`, alone or in front of other parts. */
const inFull = (parts: readonly Part[]): readonly Part[] => {
  const [first, ...others] = parts
  const named = parts.some(({ key }) => key === 'name' || key === 'address')
  if (first === undefined || named || isKnown(first.key)) return parts
  // `nmae=master-4` is a key misspelt, unless its value can only be an address.
  if (parseIPv4(first.value) === null && suggest(first.key, known) !== null) return parts
  return [{ key: 'name', value: first.key }, { key: 'address', value: first.value }, ...others]
}

const isKnown = (key: string): boolean => known.includes(key) || key.startsWith('label.')

const refuseUnknown = (text: string, key: string): void => {
  const label = key.startsWith('label.') ? labelKeyFault(key.slice('label.'.length)) : null
  if (label !== null) throw wrong(text, label)
  if (isKnown(key) && key !== 'label.KEY') return
  const near = key === 'label.KEY' ? null : suggest(key, known)
  const hint = near === null ? `There are: ${known.join(', ')}.` : `Did you mean \`${near}\`?`
  throw wrong(text, { message: `\`${key}\` is not known`, hint })
}

const entryOf = (parts: readonly Part[]): Readonly<Record<string, unknown>> => {
  const pairs = (keys: readonly string[]) =>
    parts.filter(({ key }) => keys.includes(key)).map(({ key, value }) => [key, value])
  const values = (wanted: string) => parts.filter(({ key }) => key === wanted).map(({ value }) => value)
  const labels = parts.flatMap(({ key, value }) =>
    key.startsWith('label.') ? [[key.slice('label.'.length), value]] : [],
  )
  const [taints, keys, ports] = [values('taint'), values('key'), values('port')]
  const ssh = {
    ...Object.fromEntries(pairs(login.filter((key) => key !== 'key' && key !== 'port'))),
    ...(ports[0] !== undefined && { port: Number(ports[0]) }),
    ...(keys.length > 1 ? { keys } : keys.length === 1 ? { key: keys[0] } : {}),
  }
  return {
    ...Object.fromEntries(pairs(own)),
    ...(labels.length > 0 && { labels: Object.fromEntries(labels) }),
    ...(taints.length > 0 && { taints }),
    ...(Object.keys(ssh).length > 0 && { ssh }),
  }
}

type Issue = NonNullable<ReturnType<(typeof entry)['safeParse']>['error']>['issues'][number]

const faultOf = (issue: Issue) => {
  const key = String(issue.path.at(-1))
  if (issue.code === 'custom') {
    return { message: issue.message, hint: (issue.params as { hint?: string } | undefined)?.hint ?? example }
  }
  const words = issue.code === 'invalid_value' ? issue.values.map(String).join(' or ') : 'something else'
  return {
    message: `\`${key}\` cannot be that`,
    hint: key === 'port' ? 'Write a number, like port=22.' : `Write ${key}=${words}.`,
  }
}

const wrong = (text: string, { message, hint }: { readonly message: string; readonly hint: string }): KhactlError =>
  new KhactlError('cli.host', { message: `--host ${text}: ${message}`, exit: 'usage', hint })
