// What lies at a path: kind, mode, owner, hash of the content; and the text of a file that is not as it should be.
import { createHash } from 'node:crypto'
import { fact, known, unreadable, type Fact, type Kind, type Seen } from '../model/fact.js'
import { join, sh } from '../text/sh.js'
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
  /** For showing a diff, where it was asked for and the hash is another than wanted. */
  readonly text?: string
}

export const absentFile: FileState = { kind: 'absent', mode: 0, owner: '', size: 0, ctime: 0, sha256: null }

interface Asked {
  readonly path: string
  /** The text comes along unless the content has this hash; null: in no case. */
  readonly textUnless: string | null
}

/** More is not fetched: a diff of it would not be read. */
const mostBytes = 128 * 1024

const kind: Kind<Asked, FileState> = {
  name: 'file',
  stays: 'host',
  cost: 'cheap',
  within: 30_000,
  // A pipe would hang sha256sum, so only regular files are hashed. Three lists, each ended by an empty record.
  ask: (args) =>
    readOnly(sh`set -- ${[...new Set(args.map(({ path }) => path))]}
stat --printf '%n\0%f\0%U:%G\0%s\0%Z\0' -- "$@"; printf '\0'
for p do shift; [ -f "$p" ] && set -- "$@" "$p"; done
s=; [ $# -eq 0 ] || s=$(sha256sum -- "$@")
printf '%s\0\0' "$s"
n='
'
text_unless() {
  case $n$s$n in *"$n$1  $2$n"*) return;; esac
  [ ! -f "$2" ] || { printf '%s\0' "$2"; head -c ${mostBytes + 1} -- "$2" | base64 -w 0; printf '\0'; }
}
${join(
  args.flatMap(({ path, textUnless }) => (textUnless === null ? [] : [sh`text_unless ${textUnless} ${path}`])),
  '\n',
)}
printf '\0'`),
  tell: ({ stdout, stderr }, args) => {
    const fields = stdout.toString('utf8').split('\0')
    const end = fields.findIndex((field, index) => index % 5 === 0 && field === '')
    if (end === -1) return args.map(() => unreadable('file: stat gave no answer'))
    const hashes = hashesIn(fields[end + 1] ?? '')
    const texts = textsIn(fields.slice(end + 3))
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
    return args.map(({ path, textUnless }): Seen<FileState> => {
      const state = states.get(path)
      if (!state) return trouble === null ? known(absentFile) : unreadable(trouble)
      if (state.kind === 'file' && state.sha256 === null) return unreadable(`${path}: could not be hashed`)
      const bytes = texts.get(path)
      if (textUnless === null || state.kind !== 'file' || bytes === undefined) return known(state)
      const text = textOf(bytes, state.sha256)
      return text === null ? unreadable(`${path} changed while it was looked at`) : known({ ...state, text })
    })
  },
}

/** Of an absolute path. Never ask for the text of a secret file. */
export const fileState = (path: string, { textUnless = null }: Partial<Asked> = {}): Fact<FileState> =>
  fact(kind, { path, textUnless })

/** `HASH  PATH`; sha256sum puts a backslash before a line whose name it had to write with some. */
const hashesIn = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split('\n').map((line): [string, string] => {
      if (!line.startsWith('\\')) return [line.slice(66), line.slice(0, 64)]
      const name = line.slice(67).replaceAll(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char))
      return [name, line.slice(1, 65)]
    }),
  )

/** Pairs of a path and its content in base64. */
const textsIn = (fields: readonly string[]): ReadonlyMap<string, Buffer> => {
  const texts = new Map<string, Buffer>()
  for (let at = 0; at + 1 < fields.length && fields[at] !== ''; at += 2)
    texts.set(fields[at] ?? '', Buffer.from(fields[at + 1] ?? '', 'base64'))
  return texts
}

/** null: it is not what was hashed. */
const textOf = (bytes: Buffer, sha256: string | null): string | null => {
  if (bytes.length > mostBytes) return `(more than ${mostBytes / 1024} KiB)\n`
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) return null
  return bytes.includes(0) ? `(${bytes.length} bytes, not a text)\n` : bytes.toString('utf8')
}

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
