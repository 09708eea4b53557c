// Which firewall runs on a host and what it lets in: firewalld or ufw. Others are not looked at.
import { fact, known, unreadable, type Fact, type Kind } from '../model/fact.js'
import { sh } from '../text/sh.js'
import { readOnly } from './mint.js'

export interface FirewallState {
  /** null: it does not run. */
  readonly firewalld: FirewalldState | null
  /** Its rules as `ufw` keeps them: `allow tcp 6443 0.0.0.0/0 any 0.0.0.0/0 in`. null: it is off. */
  readonly ufw: readonly string[] | null
}

interface FirewalldState {
  /** Of the interface with the host's address, or the default one. */
  readonly zone: string
  /** What is in force, and what will be after a reload or a reboot. */
  readonly runtime: FirewalldRules
  readonly permanent: FirewalldRules
}

export interface FirewalldRules {
  /** `ACCEPT` lets everything in. */
  readonly target: string
  /** `6443/tcp`, `2379-2380/tcp` */
  readonly ports: readonly string[]
  readonly rich: readonly string[]
  /** Sources of the zone `trusted`. */
  readonly trusted: readonly string[]
}

const kind: Kind<string, FirewallState> = {
  name: 'firewall',
  stays: 'host',
  cost: 'cheap',
  within: 30_000,
  // firewall-cmd is Python, which would leave compiled files behind.
  ask: ([address = '']) =>
    readOnly(sh`export PYTHONDONTWRITEBYTECODE=1; a=${address}
if command -v firewall-cmd >/dev/null && systemctl is-active --quiet firewalld; then
  i=$(ip -o addr show | awk -v a="$a" '{ split($4, p, "/"); if (p[1] == a) { print $2; exit } }')
  z=$(firewall-cmd --get-zone-of-interface="$i" 2>/dev/null) || z=$(firewall-cmd --get-default-zone) || return 1
  echo "@firewalld $z"
  for p in '' --permanent; do
    for y in "$z" trusted; do echo "@zone $y"; firewall-cmd $p --zone="$y" --list-all || return 1; done
  done
fi
if [ -e /etc/ufw/ufw.conf ] && grep -qs '^ENABLED=yes' /etc/ufw/ufw.conf; then echo @ufw; grep -h '^### tuple ###' /etc/ufw/user.rules; fi; true`),
  tell: ({ stdout, stderr, status }, args) => {
    if (status !== 0)
      return args.map(() => unreadable(`firewall: ${stderr.toString('utf8').trim().split('\n').at(-1)}`))
    const state = parse(stdout.toString('utf8'))
    return args.map(() => known(state))
  },
}

/** `address`: the host's own, by which firewalld's zone is found. */
export const firewall = (address: string): Fact<FirewallState> => fact(kind, address)

const parse = (text: string): FirewallState => {
  const [before = '', ufw] = text.split(/^@ufw\n/m)
  const [head = '', ...zones] = before.split(/^@zone .*\n/m)
  const zone = /^@firewalld (.+)$/m.exec(head)?.[1]
  const [ours = '', trusted = '', oursLater = '', trustedLater = ''] = zones
  return {
    firewalld:
      zone === undefined
        ? null
        : { zone, runtime: rulesIn(ours, trusted), permanent: rulesIn(oursLater, trustedLater) },
    ufw: ufw === undefined ? null : ufw.split('\n').flatMap((line) => tuple(line)),
  }
}

const rulesIn = (zone: string, trusted: string): FirewalldRules => {
  const words = (text: string, name: string) =>
    (new RegExp(`^ *${name}:(.*)$`, 'm').exec(text)?.[1] ?? '').split(/\s+/).filter((word) => word !== '')
  return {
    target: words(zone, 'target')[0] ?? 'default',
    ports: words(zone, 'ports'),
    rich: [...zone.matchAll(/^\s*(rule .*)$/gm)].map((match) => (match[1] ?? '').trim()),
    trusted: words(trusted, 'sources'),
  }
}

/** `### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in comment=…`, without mark and comment. */
const tuple = (line: string): readonly string[] => {
  const match = /^### tuple ### (.*?)(?: comment=\S*)?$/.exec(line)
  return match?.[1] === undefined ? [] : [match[1].trim()]
}
