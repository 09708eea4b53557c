// Private key files, parsed once: decoding one takes long and is the same for every host.
import { readFile } from 'node:fs/promises'
import type { ParsedKey } from 'ssh2'
import { fingerprint } from './known-hosts.js'
import type { Ssh2 } from './ssh2.js'

export type KeyFile =
  | { readonly kind: 'private'; readonly path: string; readonly key: ParsedKey; readonly print: string }
  /** Only its public half is of use: the agent may hold the other one. */
  | { readonly kind: 'public'; readonly path: string; readonly print: string; readonly why: string }
  | { readonly kind: 'unusable'; readonly path: string; readonly why: string }

export const readKeyFile = async (ssh2: Ssh2, path: string): Promise<KeyFile> => {
  const text = await readFile(path).catch((error: Error) => error)
  if (text instanceof Error) return publicHalf(ssh2, { path, why: `cannot be read: ${text.message}` })
  const key = parseOne(ssh2, text)
  if (key instanceof Error) return publicHalf(ssh2, { path, why: explain(key.message, { path, text }) })
  const print = fingerprint(key.getPublicSSH())
  return key.isPrivateKey()
    ? { kind: 'private', path, key, print }
    : { kind: 'public', path, print, why: 'is a public key, and the agent does not hold its private half' }
}

const parseOne = (ssh2: Ssh2, text: Buffer): ParsedKey | Error => {
  try {
    const parsed: ParsedKey | ParsedKey[] | Error = ssh2.utils.parseKey(text)
    return Array.isArray(parsed) ? (parsed[0] ?? new Error('no key in it')) : parsed
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** An encrypted key is of use when the agent holds it; `KEY.pub` beside it says which of the agent's it is. */
const publicHalf = async (ssh2: Ssh2, { path, why }: { path: string; why: string }): Promise<KeyFile> => {
  const text = await readFile(`${path}.pub`).catch(() => null)
  const key = text === null ? null : parseOne(ssh2, text)
  if (key === null || key instanceof Error) return { kind: 'unusable', path, why }
  return { kind: 'public', path, print: fingerprint(key.getPublicSSH()), why }
}

const explain = (message: string, { path, text }: { path: string; text: Buffer }): string => {
  const head = text.toString('latin1', 0, 400)
  if (/BEGIN (ENCRYPTED )?PRIVATE KEY/.test(head))
    return `is in PKCS#8, which khactl cannot read: \`ssh-keygen -p -f ${path}\` rewrites it as an OpenSSH key`
  if (
    /[Ee]ncrypted|passphrase/.test(message) ||
    head.includes('ENCRYPTED') ||
    message === 'Invalid initialization vector'
  )
    return `is encrypted: load it into the agent with \`ssh-add ${path}\``
  return `cannot be used: ${message}`
}
