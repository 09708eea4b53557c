// Lets in what a host's roles need where firewalld or ufw runs, in force now and after a reboot. Nothing is ever closed.
import { firewall, type FirewalldRules, type FirewallState } from '../facts/firewall.js'
import { see } from '../model/look.js'
import { step, type Change, type Step, type Writer } from '../model/step.js'
import { sh } from '../text/sh.js'

export interface Opening {
  readonly protocol: 'tcp' | 'udp' | 'vrrp'
  /** VRRP is an IP protocol and has none. */
  readonly ports: { readonly first: number; readonly last: number } | null
  /** Addresses; null: anyone. */
  readonly sources: readonly string[] | null
  readonly use: string
}

export interface FirewallWanted {
  /** The host's address, by which firewalld's zone is found. */
  readonly address: string
  readonly openings: readonly Opening[]
  /** Networks let in as a whole and forwarded: pods and services. */
  readonly trusted: readonly string[]
}

/** Id `firewall`. */
export const firewallOpen = (wanted: FirewallWanted): Step =>
  step<FirewallState>({
    id: 'firewall',
    title: 'Let the cluster through the firewall',
    look: see(firewall(wanted.address)),
    diff: (have) => [
      ...wanted.openings.filter((one) => isClosed(one, have)).map(openingChange),
      ...wanted.trusted.filter((one) => isUntrusted(one, have)).map(trustChange),
    ],
    apply: async ({ self }, have) => {
      const openings = wanted.openings.filter((one) => isClosed(one, have))
      const trusted = wanted.trusted.filter((one) => isUntrusted(one, have))
      if (have.firewalld) await openFirewalld(self, { zone: have.firewalld.zone, openings, trusted })
      if (have.ufw) await openUfw(self, { openings, trusted })
    },
  })

const openingChange = ({ protocol, ports, sources, use }: Opening): Change => ({
  path: `firewall ${ports ? `${portText(ports, '-')}/${protocol}` : protocol}`,
  from: 'closed',
  to: `open for ${sources === null ? 'anyone' : counted(sources.length)} (${use})`,
  impact: 'none',
})

const counted = (hosts: number): string => (hosts === 1 ? '1 host' : `${hosts} hosts`)

const trustChange = (network: string): Change => ({
  path: `firewall ${network}`,
  from: 'closed',
  to: 'trusted',
  impact: 'none',
})

const isClosed = (opening: Opening, { firewalld, ufw }: FirewallState): boolean => {
  const closedIn = (rules: FirewalldRules) =>
    rules.target !== 'ACCEPT' && !firewalldRules(opening).every(({ kind, text }) => rules[kind].includes(text))
  if (firewalld && (closedIn(firewalld.runtime) || closedIn(firewalld.permanent))) return true
  return ufw !== null && !ufwRules(opening).every(({ tuple }) => ufw.includes(tuple))
}

const isUntrusted = (network: string, { firewalld, ufw }: FirewallState): boolean => {
  if (firewalld && ![firewalld.runtime, firewalld.permanent].every((rules) => rules.trusted.includes(network)))
    return true
  return ufw !== null && !ufwTrust(network).every(({ tuple }) => ufw.includes(tuple))
}

const portText = ({ first, last }: { readonly first: number; readonly last: number }, separator: string): string =>
  first === last ? String(first) : `${first}${separator}${last}`

type FirewalldRule = { readonly kind: 'ports' | 'rich'; readonly text: string }

/** As firewall-cmd lists them, so that they are found again. */
export const firewalldRules = ({ protocol, ports, sources }: Opening): readonly FirewalldRule[] => {
  if (sources === null && ports) return [{ kind: 'ports', text: `${portText(ports, '-')}/${protocol}` }]
  const what = ports ? `port port="${portText(ports, '-')}" protocol="${protocol}"` : `protocol value="${protocol}"`
  if (sources === null) return [{ kind: 'rich', text: `rule ${what} accept` }]
  return sources.map((address) => ({
    kind: 'rich',
    text: `rule family="${family(address)}" source address="${address}" ${what} accept`,
  }))
}

const family = (address: string): string => (address.includes(':') ? 'ipv6' : 'ipv4')

const openFirewalld = async (
  at: Writer,
  of: { readonly zone: string; readonly openings: readonly Opening[]; readonly trusted: readonly string[] },
): Promise<void> => {
  const rules = of.openings.flatMap(firewalldRules)
  const options = (kind: FirewalldRule['kind'], option: string) =>
    rules.filter((rule) => rule.kind === kind).map(({ text }) => `${option}=${text}`)
  // One call takes many options, but only of one sort.
  await at.run(sh`set -e; z=${of.zone}
for p in '' --permanent; do
  set -- ${options('ports', '--add-port')}; [ $# -eq 0 ] || firewall-cmd -q $p --zone="$z" "$@"
  set -- ${options('rich', '--add-rich-rule')}; [ $# -eq 0 ] || firewall-cmd -q $p --zone="$z" "$@"
  set -- ${of.trusted.map((network) => `--add-source=${network}`)}; [ $# -eq 0 ] || firewall-cmd -q $p --zone=trusted "$@"
done`)
}

type UfwRule = { readonly tuple: string; readonly args: readonly string[] }

const anywhere = '0.0.0.0/0'

/** `ufw` has no rule for VRRP before 0.36.2: its sources are let in as a whole. */
export const ufwRules = ({ protocol, ports, sources }: Opening): readonly UfwRule[] =>
  (sources ?? [null]).map((source) => {
    const from = source ?? anywhere
    if (!ports || protocol === 'vrrp')
      return { tuple: `allow any any ${anywhere} any ${from} in`, args: ['allow', 'from', source ?? 'any'] }
    const port = portText(ports, ':')
    return {
      tuple: `allow ${protocol} ${port} ${anywhere} any ${from} in`,
      args: ['allow', 'proto', protocol, 'from', source ?? 'any', 'to', 'any', 'port', port],
    }
  })

/** Into the host, and through it both ways: ufw drops what is forwarded. */
export const ufwTrust = (network: string): readonly UfwRule[] => [
  { tuple: `allow any any ${anywhere} any ${network} in`, args: ['allow', 'from', network] },
  { tuple: `route:allow any any ${anywhere} any ${network} in`, args: ['route', 'allow', 'from', network] },
  { tuple: `route:allow any any ${network} any ${anywhere} in`, args: ['route', 'allow', 'to', network] },
]

const openUfw = async (
  at: Writer,
  { openings, trusted }: { readonly openings: readonly Opening[]; readonly trusted: readonly string[] },
): Promise<void> => {
  const lines = [...openings.flatMap(ufwRules), ...trusted.flatMap(ufwTrust)].map(({ args }) => args.join(' '))
  await at.run(sh`set -e; for r in ${lines}; do ufw $r; done`, { within: 300_000 })
}
