// What lies at a path: kind, mode, owner, hash of the content; and the content of a file named by its hash.
import { createHash } from 'node:crypto'
import { fact, known, unreadable, type Fact, type Kind, type Seen } from '../model/fact.js'
import { sh } from '../text/sh.js'
import { readOnly } from './mint.js'

export interface FileState {
  /** `other`: a device, socket or pipe. A link is not followed for mode and owner. */
  readonly kind: 'absent' | 'file' | 'directory' | 'link' | 'other'
  /** Permission bits with setuid, setgid and sticky; 0 when absent. */
  readonly mode: number
  /** `user:group`, by name; `UNKNOWN` where there is none. */
  readonly owner: string
  /** Bytes. */
  readonly size: number
  /** Seconds since 1970 of the last change of content, mode, owner or name. mtime lies after mv, cp -p and tar. */
  readonly ctime: number
  /** Of a regular file, also behind a link; else null. */
  readonly sha256: string | null
}

export const absentFile: FileState = { kind: 'absent', mode: 0, owner: '', size: 0, ctime: 0, sha256: null }

const stateKind: Kind<string, FileState> = {
  name: 'file',
  stays: 'host',
  cost: 'cheap',
  within: 30_000,
  // A pipe would hang sha256sum, so only regular files are hashed. An empty record parts the two lists.
  ask: (paths) =>
    readOnly(sh`set -- ${paths}
stat --printf '%n\0%f\0%U:%G\0%s\0%Z\0' -- "$@"; printf '\0'
for p do shift; [ -f "$p" ] && set -- "$@" "$p"; done
[ $# -eq 0 ] || sha256sum -z -- "$@"`),
  tell: ({ stdout, stderr }, paths) => {
    const fields = stdout.toString('utf8').split('\0')
    const end = fields.findIndex((field, index) => index % 5 === 0 && field === '')
    if (end === -1) return paths.map(() => unreadable('file: stat gave no answer'))
    const hashes = new Map(fields.slice(end + 1).map((line) => [line.slice(66), line.slice(0, 64)]))
    const states = new Map<string, FileState>()
    for (let at = 0; at < end; at += 5) {
      const [path = '', bits = '', owner = '', size, ctime] = fields.slice(at, at + 5)
      const sha256 = hashes.get(path) ?? null
      states.set(path, {
        ...modeOf(Number.parseInt(bits, 16)),
        owner,
        size: Number(size),
        ctime: Number(ctime),
        sha256,
      })
    }
    const trouble = troubleIn(stderr)
    return paths.map((path): Seen<FileState> => {
      const state = states.get(path)
      if (!state) return trouble === null ? known(absentFile) : unreadable(trouble)
      return state.kind === 'file' && state.sha256 === null ? unreadable(`${path}: could not be hashed`) : known(state)
    })
  },
}

/** Of an absolute path. */
export const fileState = (path: string): Fact<FileState> => fact(stateKind, path)

const modeOf = (bits: number): Pick<FileState, 'kind' | 'mode'> => {
  const kinds: Readonly<Record<number, FileState['kind']>> = {
    0o100000: 'file',
    0o040000: 'directory',
    0o120000: 'link',
  }
  return { kind: kinds[bits & 0o170000] ?? 'other', mode: bits & 0o7777 }
}

/** The first complaint of stat that is not about a path that does not exist. */
const troubleIn = (stderr: Buffer): string | null =>
  stderr
    .toString('utf8')
    .split('\n')
    .find((line) => line.startsWith('stat: ') && !/: (No such file or directory|Not a directory)$/.test(line)) ?? null

export interface NamedContent {
  readonly path: string
  readonly sha256: string
}

/** More is not fetched: a diff of it would not be read. */
const mostBytes = 128 * 1024

const textKind: Kind<NamedContent, string> = {
  name: 'file text',
  stays: 'forever',
  cost: 'cheap',
  within: 30_000,
  ask: (args) =>
    readOnly(
      sh`for p in ${args.map(({ path }) => path)}; do head -c ${mostBytes + 1} -- "$p" | base64 -w 0; echo; done`,
    ),
  tell: ({ stdout }, args) => {
    const lines = stdout.toString('latin1').split('\n')
    return args.map(({ path, sha256 }, index) => {
      const bytes = Buffer.from(lines[index] ?? '', 'base64')
      if (bytes.length > mostBytes) return known(`(more than ${mostBytes / 1024} KiB)\n`)
      if (bytes.includes(0)) return known(`(${bytes.length} bytes, not a text)\n`)
      const now = createHash('sha256').update(bytes).digest('hex')
      return now === sha256 ? known(bytes.toString('utf8')) : unreadable(`${path} changed while it was looked at`)
    })
  },
}

/** For showing a diff: the text that had this hash when it was looked at. Never of a secret file. */
export const fileText = (named: NamedContent): Fact<string> => fact(textKind, named)
