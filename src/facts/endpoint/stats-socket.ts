// What haproxy says of itself over its stats socket: how every server of every backend is seen from this host (R-L5).
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { join, raw, sh } from '../../text/sh.js'
import { readOnly } from '../mint.js'

export interface Server {
  readonly backend: string
  readonly server: string
  /** `UP`, `UP 1/3` (going down), `DOWN`, `DOWN 1/2` (going up), `MAINT`, `no check`, … */
  readonly status: string
  /** `L7OK`, `L4CON`, …; starts with `*` while the first check is under way. */
  readonly check: string
  /** The last check's own words: `HTTP status 503`. */
  readonly said: string
  /** Open now through this worker. */
  readonly sessions: number
}

/**
 * `haproxy_says SOCKET COMMAND`. socat where there is one; else perl, which is essential on Debian (without
 * modules, which take longer than the question), else python3, which dnf brings to every host of the RHEL family. So nothing is installed for it.
 * Each says when it has said all: the master socket, asked for a worker, otherwise waits for more.
 */
export const askHaproxy = raw(`haproxy_says() {
  if command -v socat >/dev/null; then printf '%s\\n' "$2" | socat -t 5 - "UNIX-CONNECT:$1"
  elif command -v perl >/dev/null; then perl -e 'alarm 10; socket(S, 1, 1, 0) && connect(S, pack("Sa*", 1, $ARGV[0])) or die "$!\\n"; syswrite S, "$ARGV[1]\\n"; shutdown S, 1; print while <S>' "$1" "$2"
  else
    for p in python3 /usr/libexec/platform-python; do command -v $p >/dev/null && break; done
    $p -c 'import socket, sys
s = socket.socket(socket.AF_UNIX); s.settimeout(5); s.connect(sys.argv[1]); s.sendall((sys.argv[2] + "\\n").encode()); s.shutdown(socket.SHUT_WR)
while True:
    b = s.recv(65536)
    if not b: break
    sys.stdout.write(b.decode("latin1"))' "$1" "$2"
  fi; }
`)

const kind: Kind<string, readonly Server[]> = {
  name: 'haproxy servers',
  stays: 'moment',
  cost: 'cheap',
  within: 10_000,
  // -1 4 -1: of all proxies, the servers alone.
  ask: (sockets) =>
    readOnly(
      join([askHaproxy, ...sockets.map((socket) => sh`haproxy_says ${socket} 'show stat -1 4 -1'; printf '\0'`)], '\n'),
    ),
  tell: ({ stdout, stderr }, sockets) => {
    const answers = stdout.toString('utf8').split('\0')
    return sockets.map((socket, index) => {
      const servers = parseServers(answers[index] ?? '')
      if (servers !== null) return known(servers)
      const why = stderr.toString('utf8').trim().split('\n').at(-1) ?? ''
      return unreadable(`haproxy does not answer at ${socket}${why === '' ? '' : `: ${why}`}`)
    })
  },
}

export const haproxyServers = (socket: string): Fact<readonly Server[]> => fact(kind, socket)

/** null: not an answer of haproxy. Columns are found by name: every version adds some. */
export const parseServers = (text: string): readonly Server[] | null => {
  const [head, ...lines] = text.split('\n').filter((line) => line.trim() !== '')
  if (!head?.startsWith('# ')) return null
  const names = head.slice(2).split(',')
  return lines.map((line) => {
    const cells = line.split(',')
    const cell = (name: string): string => cells[names.indexOf(name)] ?? ''
    return {
      backend: cell('pxname'),
      server: cell('svname'),
      status: cell('status'),
      check: cell('check_status'),
      said: [cell('check_desc'), cell('last_chk')].filter((word) => word !== '').join(': '),
      sessions: Number(cell('scur') || 0),
    }
  })
}

/** Takes traffic: `UP`, also while going down. */
export const isUp = ({ status }: Server): boolean => /^(UP|no check)\b/.test(status)
