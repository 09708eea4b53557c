// Private key files, read once: decoding one takes long and is the same for every host.
import { access, readFile } from 'node:fs/promises'
import type { ParsedKey } from 'ssh2'
import { keyHead } from './key-head.js'
import { fingerprint, keyType } from './known-hosts.js'
import type { Ssh2 } from './ssh2.js'

export type KeyFile =
  | { readonly kind: 'private'; readonly path: string; readonly key: ParsedKey; readonly print: string }
  /** Encrypted; the public half is null where the file does not show it and there is no `KEY.pub`. */
  | { readonly kind: 'locked'; readonly path: string; readonly text: Buffer; readonly half: PublicHalf | null }
  /** Only its public half is of use: the agent may hold the other one. */
  | { readonly kind: 'public'; readonly path: string; readonly print: string; readonly why: string }
  | { readonly kind: 'unusable'; readonly path: string; readonly why: string }

export interface PublicHalf {
  readonly key: ParsedKey
  readonly print: string
}

/** Whoever cannot be served by ssh2 may be served by the ssh program. */
export const wayOut = 'or let the ssh program connect (`ssh: { client: system }`)'

export const readKeyFile = async (ssh2: Ssh2, path: string): Promise<KeyFile> => {
  const text = await readFile(path).catch((error: Error) => error)
  if (text instanceof Error) return ofAgent(ssh2, { path, why: `cannot be read: ${text.message}` })
  const head = keyHead(text)
  if (head !== null && keyType(head.blob).startsWith('sk-'))
    return {
      kind: 'unusable',
      path,
      why: `is a FIDO key (${keyType(head.blob)}), which khactl cannot use: take another key, ${wayOut}`,
    }
  if (head?.cipher.startsWith('chacha20') === true)
    return ofAgent(ssh2, {
      path,
      why: `is encrypted with chacha20-poly1305, which khactl cannot read: load it with \`ssh-add ${path}\`, rewrite it with \`ssh-keygen -p -Z aes256-ctr -f ${path}\`, ${wayOut}`,
    })
  if (isEncrypted(text, head?.cipher))
    return { kind: 'locked', path, text, half: await halfOf(ssh2, { path, blob: head?.blob }) }
  const key = parseKey(ssh2, text)
  if (key instanceof Error) return ofAgent(ssh2, { path, why: explain(key.message, { path, text }) })
  const print = fingerprint(key.getPublicSSH())
  return key.isPrivateKey()
    ? { kind: 'private', path, key, print }
    : { kind: 'public', path, print, why: 'is a public key, and the agent does not hold its private half' }
}

/** With a passphrase this takes half a second and more of this process, during which nothing else happens in it. */
export const parseKey = (ssh2: Ssh2, text: Buffer | string, passphrase?: string): ParsedKey | Error => {
  try {
    const parsed: ParsedKey | ParsedKey[] | Error = ssh2.utils.parseKey(text, passphrase)
    return Array.isArray(parsed) ? (parsed[0] ?? new Error('no key in it')) : parsed
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** Servers that know nothing of the key itself may trust the authority that signed it, and ssh2 does not show that. */
export const hasCertificate = (path: string): Promise<boolean> =>
  access(`${path}-cert.pub`).then(
    () => true,
    () => false,
  )

const isEncrypted = (text: Buffer, cipher: string | undefined): boolean =>
  cipher === undefined ? /Proc-Type: 4,ENCRYPTED/.test(text.toString('latin1', 0, 400)) : cipher !== 'none'

const halfOf = async (
  ssh2: Ssh2,
  { path, blob }: { readonly path: string; readonly blob?: Buffer | undefined },
): Promise<PublicHalf | null> => {
  const text =
    blob === undefined ? await readFile(`${path}.pub`).catch(() => null) : `${keyType(blob)} ${blob.toString('base64')}`
  const key = text === null ? null : parseKey(ssh2, text)
  return key === null || key instanceof Error ? null : { key, print: fingerprint(key.getPublicSSH()) }
}

/** A key that cannot be read is of use when the agent holds it; `KEY.pub` beside it says which of the agent's it is. */
const ofAgent = async (ssh2: Ssh2, { path, why }: { path: string; why: string }): Promise<KeyFile> => {
  const half = await halfOf(ssh2, { path })
  return half === null ? { kind: 'unusable', path, why } : { kind: 'public', path, print: half.print, why }
}

const explain = (message: string, { path, text }: { path: string; text: Buffer }): string => {
  if (/BEGIN (ENCRYPTED )?PRIVATE KEY/.test(text.toString('latin1', 0, 400)))
    return `is in PKCS#8, which khactl cannot read: \`ssh-keygen -p -f ${path}\` rewrites it as an OpenSSH key, ${wayOut}`
  return `cannot be used: ${message}`
}
