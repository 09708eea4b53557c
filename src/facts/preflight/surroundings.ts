// What is on the network that a virtual IP is meant for: who answers for the address, and which VRRP routers speak.
import { fact, known, unreadable, type Fact, type Kind, type Seen } from '../../model/fact.js'
import { join, raw, sh } from '../../text/sh.js'
import { readOnly } from '../mint.js'

export interface Surroundings {
  readonly answer: Seen<ArpAnswer>
  /** Heard within three and a half seconds; adverts come every second, rarely every third. */
  readonly speakers: Seen<readonly VrrpSpeaker[]>
}

export type ArpAnswer =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'this host' }
  /** The address is behind a router. */
  | { readonly kind: 'elsewhere' }
  /** Hardware address, lower-case. */
  | { readonly kind: 'somebody'; readonly mac: string }

export interface VrrpSpeaker {
  readonly source: string
  readonly routerId: number
}

export interface Place {
  readonly vip: string
  /** The host's own address on that network. */
  readonly address: string
}

/**
 * No arping is needed: the kernel is made to ask by a connection that goes nowhere, and bash is on every host. "No route to
 * host" says that three questions went unanswered. An entry that the kernel already has is not taken for granted: using it
 * turns STALE into DELAY, PROBE and, within 8 s, REACHABLE or FAILED.
 */
const whoHas = `poke() { timeout 4 /bin/bash -c ": </dev/tcp/$1/9" 2>&1; }
who_has() {
  if ip -o -4 addr show | grep -qF " $1/"; then echo self; return; fi
  case $(ip -o -4 route get "$1" 2>&1) in *" via "*|*nreachable*) echo elsewhere; return;; esac
  [ -x /bin/bash ] || { echo 'needs bash'; return; }
  i=0; while [ $i -lt 30 ]; do i=$((i+1)); e=$(poke "$1")
    n=$(ip -4 neigh show to "$1")
    case $n in *REACHABLE*|*PERMANENT*) n=\${n#*lladdr }; echo "mac \${n%% *}"; return;; *FAILED*) echo nobody; return;;
    *lladdr*) ;; *) case $e in *'No route to host'*) echo nobody; return;; esac;; esac
    sleep 0.3
  done
  echo "undecided: $n"
}`

/**
 * No tcpdump is needed: perl is essential on Debian, python3 is part of dnf. A packet socket hears what a firewall would
 * drop; the other socket only joins 224.0.0.18, and its membership ends with the process.
 */
const listen = `listen() {
  if command -v perl >/dev/null; then timeout 3.5 perl -MSocket -e '
    $| = 1;
    socket(M, AF_INET, SOCK_DGRAM, 0) && setsockopt(M, 0, 35, inet_aton("224.0.0.18").inet_aton($ARGV[0]));
    socket(S, 17, 2, unpack("S", pack("n", 0x0800))) or die "$!\\n";
    while (defined recv(S, $d, 2048, 0)) {
      next unless length $d >= 24 && ord(substr $d, 9, 1) == 112;
      $h = (ord($d) & 15) * 4; print inet_ntoa(substr $d, 12, 4), " ", ord(substr $d, $h + 1, 1), "\\n";
    }' "$1"; return; fi
  for p in python3 /usr/libexec/platform-python; do command -v $p >/dev/null || continue
    timeout 3.5 $p -uc '
import socket, sys
m = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
m.setsockopt(0, 35, socket.inet_aton("224.0.0.18") + socket.inet_aton(sys.argv[1]))
s = socket.socket(17, socket.SOCK_DGRAM, socket.htons(0x0800))
while True:
    d = s.recv(2048)
    if len(d) < 24 or d[9] != 112: continue
    h = (d[0] & 15) * 4
    print("%s %d" % (socket.inet_ntoa(d[12:16]), d[h + 1]))' "$1"; return; done
  echo 'needs perl or python3'; }`

const kind: Kind<Place, Surroundings> = {
  name: 'surroundings',
  stays: 'world',
  cost: 'active',
  within: 30_000,
  // Both at once, each line with its name before it.
  ask: (places) =>
    readOnly(
      join(
        [
          raw(`${whoHas}\n${listen}`),
          ...places.map(
            ({ vip, address }) => sh`{ listen ${address} 2>&1 | sort -u | sed 's/^/vrrp /'; echo 'vrrp end'; } &
who_has ${vip} | sed 's/^/arp /'; wait; printf '\0'`,
          ),
        ],
        '\n',
      ),
    ),
  tell: ({ stdout }, places) => {
    const answers = stdout.toString('utf8').split('\0')
    return places.map((_, index) => known(parseSurroundings(answers[index] ?? '')))
  },
}

export const surroundings = (place: Place): Fact<Surroundings> => fact(kind, place)

export const parseSurroundings = (text: string): Surroundings => {
  const lines = (word: string): readonly string[] =>
    text.split('\n').flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []))
  return { answer: answerOf(lines('arp')[0] ?? ''), speakers: speakersOf(lines('vrrp')) }
}

const answerOf = (line: string): Seen<ArpAnswer> => {
  if (line === 'nobody') return known({ kind: 'nobody' })
  if (line === 'self') return known({ kind: 'this host' })
  if (line === 'elsewhere') return known({ kind: 'elsewhere' })
  const mac = /^mac ([0-9a-f:]{17})$/.exec(line)?.[1]
  if (mac !== undefined) return known({ kind: 'somebody', mac })
  return unreadable(line === '' ? 'nothing was told of who has the address' : line)
}

const speakersOf = (lines: readonly string[]): Seen<readonly VrrpSpeaker[]> => {
  const heard = lines.filter((line) => line !== 'end')
  const strange = heard.find((line) => !/^\d+\.\d+\.\d+\.\d+ \d+$/.test(line))
  if (strange !== undefined || lines.at(-1) !== 'end') return unreadable(strange ?? 'listening was cut off')
  return known(
    heard.map((line) => {
      const [source = '', routerId] = line.split(' ')
      return { source, routerId: Number(routerId) }
    }),
  )
}
