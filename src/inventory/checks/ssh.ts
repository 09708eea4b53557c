// Key files and host keys of every `ssh:` part and of the hops in it.
import { readFile } from 'node:fs/promises'
import type { YamlPath } from '../../text/yaml.js'
import type { Subject } from '../subject.js'
import { mistake, type Problem } from '../problem.js'
import { hopParts, type Hop } from '../logins.js'
import type { SshEntry } from '../schema/ssh.js'
import type { DeepPartial } from '../shape.js'
import { pathIn, type Surroundings } from '../surroundings.js'
import { keyFault } from './key-file.js'

interface Part {
  readonly path: YamlPath
  readonly ssh: Omit<DeepPartial<SshEntry>, 'jump'> & Pick<DeepPartial<Hop>, 'address'>
  readonly hosts: number
  readonly client: 'ssh2' | 'system'
}

export const sshProblems = async (
  surroundings: Surroundings,
  { draft, mentions }: Subject,
): Promise<readonly Problem[]> => {
  const entries = new Map(mentions.map((mention) => [mention.path, mention.entry.ssh]))
  const common = draft.ssh?.client ?? 'ssh2'
  const own = [...entries].flatMap(([path, ssh]) => {
    const hosts = mentions.filter((mention) => mention.path === path).length
    return ssh === undefined ? [] : withHops({ path: [...path, 'ssh'], ssh, hosts, client: ssh.client ?? common })
  })
  const top =
    draft.ssh === undefined ? [] : withHops({ path: ['ssh'], ssh: draft.ssh, hosts: Infinity, client: common })
  const all = await Promise.all([...top, ...own].map((part) => partProblems(surroundings, part)))
  return all.flat()
}

const withHops = (part: Part & { readonly ssh: DeepPartial<SshEntry> }): readonly Part[] => [
  part,
  ...hopParts(part.path, part.ssh.jump).map(({ path, hop }) => ({ ...part, path, ssh: hop, hosts: 1 })),
]

const partProblems = async (surroundings: Surroundings, part: Part): Promise<readonly Problem[]> => {
  const { path, ssh, hosts } = part
  const keys = [
    ...(ssh.key === undefined ? [] : [{ path: [...path, 'key'], key: ssh.key }]),
    ...(ssh.keys ?? []).flatMap((key, index) => (key === undefined ? [] : [{ path: [...path, 'keys', index], key }])),
  ]
  const files = await Promise.all(
    keys.map(async ({ path: at, key }) =>
      keyFault({ path: at, file: pathIn(surroundings, key), client: part.client, agent: ssh.agent ?? 'use' }),
    ),
  )
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
  ...(ssh.agent !== undefined && ssh.agent !== 'use' && ssh.keys?.length === 0 && ssh.password === undefined
    ? [
        mistake('ssh-keys', {
          path: [...path, 'keys'],
          message: 'Without the agent, without a key and without a password nobody can log in',
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

const reason = ({ code, message }: NodeJS.ErrnoException): string =>
  ({ ENOENT: 'there is no such file', EACCES: 'permission denied', EISDIR: 'it is a folder' })[code ?? ''] ?? message
