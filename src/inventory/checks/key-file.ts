// One private key file that an inventory names: readable, a key, and nobody else's.
import { readFile, stat } from 'node:fs/promises'
import type { YamlPath } from '../../text/yaml.js'
import { mistake, type Problem } from '../problem.js'

interface KeyAt {
  readonly path: YamlPath
  readonly file: string
  /** The ssh program reads more formats. */
  readonly client: 'ssh2' | 'system'
  /** `named`: the agent may hold the private half, and then the public one says which key it is. */
  readonly agent: 'use' | 'named' | 'ignore'
}

export const keyFault = async ({ path, file, client, agent }: KeyAt): Promise<Problem | null> => {
  const found = await readFile(file, 'latin1').catch((error: NodeJS.ErrnoException) => error)
  if (found instanceof Error) {
    const hint =
      found.code === 'ENOENT'
        ? 'Check the path: it is relative to the folder of the inventory, `~` is your home. `ssh-keygen -t ed25519 -f FILE` makes a key.'
        : 'Name a private key file that you can read.'
    return mistake('key-file', { path, message: `The private key ${file} cannot be read: ${reason(found)}`, hint })
  }
  if (agent === 'named' && isPublic(found)) return null
  const wrong = notAKey(found, { file, client })
  if (wrong !== null) return mistake('key-format', { path, ...wrong })
  const { mode } = await stat(file)
  if ((mode & 0o077) === 0) return null
  const message = `Other users can reach the private key ${file} (mode 0${(mode & 0o777).toString(8)})`
  return mistake('key-mode', {
    path,
    message,
    hint: `chmod 600 ${file} — and replace the key if others may have read it.`,
  })
}

const isPublic = (text: string): boolean => /^(ssh-|ecdsa-|sk-)/.test(text)

const reason = ({ code, message }: NodeJS.ErrnoException): string =>
  ({ ENOENT: 'there is no such file', EACCES: 'permission denied', EISDIR: 'it is a folder' })[code ?? ''] ?? message

/** The formats that the SSH library cannot read are named here, where the remedy can be said. */
const notAKey = (
  text: string,
  { file, client }: Pick<KeyAt, 'file' | 'client'>,
): { readonly message: string; readonly hint: string } | null => {
  if (isPublic(text))
    return {
      message: `${file} is a public key`,
      hint: `Name the private one, which is usually ${file.replace(/\.pub$/, '')} — or say \`agent: named\` when an agent holds it.`,
    }
  if (text.startsWith('PuTTY-'))
    return { message: `${file} is a PuTTY key`, hint: `Convert it: puttygen ${file} -O private-openssh -o NEWFILE` }
  if (client === 'ssh2' && /BEGIN (ENCRYPTED )?PRIVATE KEY/.test(text))
    return {
      message: `${file} is in PKCS#8 format, which khactl cannot read`,
      hint: `Rewrite it in OpenSSH's format: ssh-keygen -p -f ${file} — or let the ssh program read it: \`client: system\`.`,
    }
  if (text.includes('PRIVATE KEY')) return null
  return {
    message: `${file} is not a private key`,
    hint: 'Name a file that begins with `-----BEGIN OPENSSH PRIVATE KEY-----`.',
  }
}
