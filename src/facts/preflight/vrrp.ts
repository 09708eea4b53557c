// Which VRRP routers speak on the host's network: it listens for five seconds, to multicast and to what is sent to it.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { join, raw, sh } from '../../text/sh.js'
import { readOnly } from '../mint.js'

export interface VrrpSpeaker {
  readonly source: string
  readonly routerId: number
}

/**
 * A packet socket hears what a firewall would drop; the other one only joins 224.0.0.18 (membership ends with the process).
 * perl is essential on Debian, python3 is part of dnf; so tcpdump is not needed. Adverts come every second, rarely every 3 s.
 */
const functions = raw(`listen() {
  if command -v perl >/dev/null; then perl -MSocket -e '
    socket(M, AF_INET, SOCK_DGRAM, 0) && setsockopt(M, 0, 35, inet_aton("224.0.0.18").inet_aton($ARGV[0]));
    socket(S, 17, 2, unpack("S", pack("n", 0x0800))) or die "$!\\n";
    $end = time + 5;
    while (($left = $end - time) > 0) {
      $r = ""; vec($r, fileno(S), 1) = 1; last unless select($r, undef, undef, $left);
      recv(S, $d, 2048, 0); next unless length $d >= 24 && ord(substr $d, 9, 1) == 112;
      $h = (ord($d) & 15) * 4; print inet_ntoa(substr $d, 12, 4), " ", ord(substr $d, $h + 1, 1), "\\n";
    }' "$1"; return; fi
  for p in python3 /usr/libexec/platform-python; do command -v $p >/dev/null || continue
    $p -c '
import socket, struct, sys, time
m = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
m.setsockopt(0, 35, socket.inet_aton("224.0.0.18") + socket.inet_aton(sys.argv[1]))
s = socket.socket(17, socket.SOCK_DGRAM, socket.htons(0x0800))
end = time.time() + 5
while end > time.time():
    s.settimeout(max(0.01, end - time.time()))
    try: d = s.recv(2048)
    except socket.timeout: break
    if len(d) < 24 or d[9] != 112: continue
    h = (d[0] & 15) * 4
    print("%s %d" % (socket.inet_ntoa(d[12:16]), d[h + 1]))' "$1"; return; done
  echo 'needs perl or python3'; }`)

const kind: Kind<string, readonly VrrpSpeaker[]> = {
  name: 'vrrp',
  stays: 'world',
  cost: 'active',
  within: 20_000,
  // All at once: a host has one address that matters, but the time must not add up.
  ask: (addresses) =>
    readOnly(join([functions, sh`for a in ${addresses}; do listen "$a" | sort -u; printf '\0'; done`], '\n')),
  tell: ({ stdout, stderr }, addresses) => {
    const answers = stdout.toString('utf8').split('\0')
    return addresses.map((_, index) => {
      const text = answers[index] ?? ''
      if (text.startsWith('needs')) return unreadable(text.trim())
      const trouble = stderr.toString('utf8').trim()
      return trouble === '' ? known(parseSpeakers(text)) : unreadable(trouble.split('\n')[0] ?? '')
    })
  },
}

/** `address`: the host's own, on the network to listen to. */
export const vrrpSpeakers = (address: string): Fact<readonly VrrpSpeaker[]> => fact(kind, address)

export const parseSpeakers = (text: string): readonly VrrpSpeaker[] =>
  [...text.matchAll(/^(\d+\.\d+\.\d+\.\d+) (\d+)$/gm)].map(([, source = '', id]) => ({ source, routerId: Number(id) }))
