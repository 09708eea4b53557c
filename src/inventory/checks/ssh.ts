// Key files and host keys of every `ssh:` part.
import { readFile, stat } from 'node:fs/promises'
import type { YamlPath } from '../../text/yaml.js'
import type { Subject } from '../subject.js'
import { mistake, type Problem } from '../problem.js'
import type { SshEntry } from '../schema/ssh.js'
import type { DeepPartial } from '../shape.js'
import { pathIn, type Surroundings } from '../surroundings.js'

interface Part {
  readonly path: YamlPath
  readonly ssh: DeepPartial<SshEntry>
  readonly hosts: number
}

export const sshProblems = async (
  surroundings: Surroundings,
  { draft, mentions }: Subject,
): Promise<readonly Problem[]> => {
  const entries = new Map(mentions.map((mention) => [mention.path, mention.entry.ssh]))
  const own = [...entries].flatMap(([path, ssh]) => {
    const hosts = mentions.filter((mention) => mention.path === path).length
    return ssh === undefined ? [] : [{ path: [...path, 'ssh'], ssh, hosts }]
  })
  const top = draft.ssh === undefined ? [] : [{ path: ['ssh'], ssh: draft.ssh, hosts: Infinity }]
  const all = await Promise.all([...top, ...own].map((part) => partProblems(surroundings, part)))
  return all.flat()
}

const partProblems = async (surroundings: Surroundings, part: Part): Promise<readonly Problem[]> => {
  const { path, ssh, hosts } = part
  const keys = [
    ...(ssh.key === undefined ? [] : [{ path: [...path, 'key'], key: ssh.key }]),
    ...(ssh.keys ?? []).flatMap((key, index) => (key === undefined ? [] : [{ path: [...path, 'keys', index], key }])),
  ]
  const files = await Promise.all(keys.map(async ({ path: at, key }) => keyProblem(at, pathIn(surroundings, key))))
  return [
    ...files.flatMap((problem) => problem ?? []),
    ...oneWay(part),
    ...onePin({ path, hosts, pin: ssh.hostKey }),
    ...(await knownHosts(surroundings, part)),
  ]
}

const oneWay = ({ path, ssh }: Part): readonly Problem[] => [
  ...(ssh.key !== undefined && ssh.keys !== undefined
    ? [
        mistake('ssh-keys', {
          path: [...path, 'keys'],
          other: [...path, 'key'],
          message: '`key` and `keys` are both given',
          hint: 'Put all files into `keys`.',
        }),
      ]
    : []),
  ...(ssh.agent === 'ignore' && ssh.keys?.length === 0
    ? [
        mistake('ssh-keys', {
          path: [...path, 'keys'],
          message: 'Without the agent and without a key nobody can log in',
          hint: 'Name a key file, or write `agent: use`.',
        }),
      ]
    : []),
]

const onePin = ({
  path,
  hosts,
  pin,
}: {
  path: YamlPath
  hosts: number
  pin: string | undefined
}): readonly Problem[] =>
  pin === undefined || hosts === 1
    ? []
    : [
        mistake('host-key', {
          path: [...path, 'hostKey'],
          message: '`hostKey` pins the key of one host, and stands for several here',
          hint: 'Write it to the hosts one by one, or use `knownHosts`.',
        }),
      ]

const knownHosts = async (surroundings: Surroundings, { path, ssh }: Part): Promise<readonly Problem[]> => {
  if (ssh.knownHosts === undefined) return []
  const file = pathIn(surroundings, ssh.knownHosts)
  const found = await readFile(file).catch((error: NodeJS.ErrnoException) => error)
  const needed = ssh.hostKeys === 'strict' && ssh.hostKey === undefined
  if (!(found instanceof Error) || (found.code === 'ENOENT' && !needed)) return []
  const at = [...path, 'knownHosts']
  if (found.code === 'ENOENT') {
    const hint = 'Record the keys (`ssh-keyscan ADDRESS >> FILE`, then compare them), or write `hostKeys: accept-new`.'
    return [
      mistake('known-hosts', {
        path: at,
        message: `There is no file ${file}, and \`hostKeys: strict\` refuses hosts that are not in it`,
        hint,
      }),
    ]
  }
  return [
    mistake('known-hosts', {
      path: at,
      message: `${file} cannot be read: ${reason(found)}`,
      hint: 'Name a file that you can read and write.',
    }),
  ]
}

const keyProblem = async (path: YamlPath, file: string): Promise<Problem | null> => {
  const found = await readFile(file, 'latin1').catch((error: NodeJS.ErrnoException) => error)
  if (found instanceof Error) {
    const hint =
      found.code === 'ENOENT'
        ? 'Check the path: it is relative to the folder of the inventory, `~` is your home. `ssh-keygen -t ed25519 -f FILE` makes a key.'
        : 'Name a private key file that you can read.'
    return mistake('key-file', { path, message: `The private key ${file} cannot be read: ${reason(found)}`, hint })
  }
  const wrong = notAKey(found, file)
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

const reason = ({ code, message }: NodeJS.ErrnoException): string =>
  ({ ENOENT: 'there is no such file', EACCES: 'permission denied', EISDIR: 'it is a folder' })[code ?? ''] ?? message

/** The formats that the SSH library cannot read are named here, where the remedy can be said. */
const notAKey = (text: string, file: string): { readonly message: string; readonly hint: string } | null => {
  if (/^(ssh-|ecdsa-|sk-)/.test(text))
    return {
      message: `${file} is a public key`,
      hint: `Name the private one, which is usually ${file.replace(/\.pub$/, '')}.`,
    }
  if (text.startsWith('PuTTY-'))
    return { message: `${file} is a PuTTY key`, hint: `Convert it: puttygen ${file} -O private-openssh -o NEWFILE` }
  if (/BEGIN (ENCRYPTED )?PRIVATE KEY/.test(text))
    return {
      message: `${file} is in PKCS#8 format, which khactl cannot read`,
      hint: `Rewrite it in OpenSSH's format: ssh-keygen -p -f ${file}`,
    }
  if (text.includes('PRIVATE KEY')) return null
  return {
    message: `${file} is not a private key`,
    hint: 'Name a file that begins with `-----BEGIN OPENSSH PRIVATE KEY-----`.',
  }
}
