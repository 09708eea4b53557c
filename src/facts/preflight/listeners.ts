// Which ports are taken on the host, and by which process.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { raw } from '../../text/sh.js'
import { readOnly } from '../mint.js'

export interface Listener {
  readonly protocol: 'tcp' | 'udp'
  readonly port: number
  /** As the kernel names it, at most 15 characters; null: the kernel itself (VXLAN), or it could not be told. */
  readonly process: string | null
  readonly pid: number | null
}

// Without iproute2's ss the kernel's own tables tell it, and the owner of each socket is found by its inode.
const script = `if command -v ss >/dev/null; then echo ss; ss -H -lntup
else echo proc
  for f in tcp tcp6 udp udp6; do sed "s/^/$f /" /proc/net/$f 2>/dev/null; done
  find /proc/[0-9]*/fd -maxdepth 1 -lname 'socket:*' -printf '@ %l %h\\n' 2>/dev/null
  grep -sH '' /proc/[0-9]*/comm | sed 's/^/# /'
fi
echo end`

const kind: Kind<null, readonly Listener[]> = {
  name: 'listeners',
  stays: 'host',
  cost: 'cheap',
  within: 15_000,
  ask: () => readOnly(raw(script)),
  tell: ({ stdout, stderr }, args) => {
    const [first, ...lines] = stdout.toString('utf8').trimEnd().split('\n')
    if (lines.at(-1) !== 'end')
      return args.map(() => unreadable(`listeners: ${stderr.toString('utf8').trim().slice(0, 200)}`))
    const found = unique(first === 'ss' ? parseSs(lines) : parseProc(lines))
    return args.map(() => known(found))
  },
}

export const listeners = (): Fact<readonly Listener[]> => fact(kind, null)

/** `tcp LISTEN 0 4096 *:6443 *:* users:(("haproxy",pid=681,fd=7))` */
export const parseSs = (lines: readonly string[]): readonly Listener[] =>
  lines.flatMap((line): readonly Listener[] => {
    const match = /^(tcp|udp)\s+\S+\s+\d+\s+\d+\s+\S*:(\d+)\s+\S+(.*)$/.exec(line)
    if (!match) return []
    const [, protocol, port, users = ''] = match
    const owner = /\(\("([^"]*)",pid=(\d+)/.exec(users)
    return [
      {
        protocol: protocol === 'udp' ? 'udp' : 'tcp',
        port: Number(port),
        process: owner?.[1] ?? null,
        pid: owner ? Number(owner[2]) : null,
      },
    ]
  })

/** `tcp   0: 00000000:192B 00000000:0000 0A … INODE …`; `@ socket:[INODE] /proc/681/fd`; `# /proc/681/comm:haproxy` */
export const parseProc = (lines: readonly string[]): readonly Listener[] => {
  const owners = new Map<string, string>()
  const names = new Map<string, string>()
  for (const line of lines) {
    const [, inode, pid] = /^@ socket:\[(\d+)\] \/proc\/(\d+)\//.exec(line) ?? []
    if (inode !== undefined && pid !== undefined) owners.set(inode, pid)
    const [, of, name] = /^# \/proc\/(\d+)\/comm:(.*)$/.exec(line) ?? []
    if (of !== undefined && name !== undefined) names.set(of, name)
  }
  return lines.flatMap((line): readonly Listener[] => {
    const [table, , local = '', , state, , , , , , inode = ''] = line.split(/\s+/)
    // 0A: LISTEN; 07: a UDP socket that is bound and not connected.
    const protocol =
      table?.startsWith('tcp') && state === '0A' ? 'tcp' : table?.startsWith('udp') && state === '07' ? 'udp' : null
    if (protocol === null) return []
    const pid = owners.get(inode)
    return [
      {
        protocol,
        port: Number.parseInt(local.split(':').at(-1) ?? '', 16),
        process: pid === undefined ? null : (names.get(pid) ?? null),
        pid: pid === undefined ? null : Number(pid),
      },
    ]
  })
}

/** One process on IPv4 and IPv6 is one listener. */
const unique = (found: readonly Listener[]): readonly Listener[] => [
  ...new Map(found.map((one) => [`${one.protocol}/${one.port}/${one.process}`, one])).values(),
]
