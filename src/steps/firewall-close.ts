// Closes in firewalld and ufw what was let in for hosts and networks of one cluster. What is open for anyone stays open.
import { firewall, type FirewallState } from '../facts/firewall.js'
import type { StepId } from '../model/fact.js'
import { see } from '../model/look.js'
import { step, type Change, type Step, type Writer } from '../model/step.js'
import { sh } from '../text/sh.js'
import { firewalldRules, ufwRules, ufwTrust, type FirewallWanted, type Opening } from './firewall.js'

export interface FirewallClosed extends FirewallWanted {
  readonly id: StepId
}

/** Rules that name the cluster's own addresses are nobody else's; one that lets everybody in may be somebody's own. */
export const firewallClose = ({ id, ...wanted }: FirewallClosed): Step =>
  step<FirewallState>({
    id,
    title: "Take the cluster's rules out of the firewall",
    look: see(firewall(wanted.address)),
    diff: (have) => present(wanted, have).map(change),
    apply: async ({ self }, have) => {
      const due = present(wanted, have)
      if (have.firewalld) await closeFirewalld(self, { zone: have.firewalld.zone, due })
      if (have.ufw) await closeUfw(self, due)
    },
  })

/** Of those that firewallOpen makes, what stays open because it is open for anyone. */
export const openForAnyone = (openings: readonly Opening[], have: FirewallState): readonly Opening[] =>
  openings.filter(
    (one) =>
      one.sources === null &&
      (firewalldRules(one).some(
        ({ kind, text }) => have.firewalld !== null && have.firewalld.permanent[kind].includes(text),
      ) ||
        ufwRules(one).some(({ tuple }) => have.ufw?.includes(tuple) ?? false)),
  )

/** One rule of ours; firewalld lists it by its text, ufw by its tuple. */
type Rule =
  | { readonly in: 'firewalld'; readonly option: string; readonly zone: 'own' | 'trusted'; readonly text: string }
  | { readonly in: 'ufw'; readonly args: readonly string[]; readonly text: string }

const present = (wanted: Omit<FirewallClosed, 'id'>, { firewalld, ufw }: FirewallState): readonly Rule[] => {
  const named = wanted.openings.filter(({ sources }) => sources !== null)
  const listed = (kind: 'rich' | 'ports' | 'trusted', text: string): boolean =>
    firewalld !== null && (firewalld.runtime[kind].includes(text) || firewalld.permanent[kind].includes(text))
  return [
    ...named
      .flatMap(firewalldRules)
      .filter(({ kind, text }) => listed(kind, text))
      .map(({ text }): Rule => ({ in: 'firewalld', option: 'rich-rule', zone: 'own', text })),
    ...wanted.trusted
      .filter((network) => listed('trusted', network))
      .map((text): Rule => ({ in: 'firewalld', option: 'source', zone: 'trusted', text })),
    ...[...named.flatMap(ufwRules), ...wanted.trusted.flatMap(ufwTrust)]
      .filter(({ tuple }) => ufw?.includes(tuple) ?? false)
      .map(({ tuple, args }): Rule => ({ in: 'ufw', args, text: tuple })),
  ]
}

const change = ({ in: program, text }: Rule): Change => ({
  path: `${program} ${text}`,
  from: 'let in',
  to: null,
  impact: 'none',
})

/** Now and after a reload; a rule that is in one of them only is no failure. */
const closeFirewalld = async (
  at: Writer,
  { zone, due }: { readonly zone: string; readonly due: readonly Rule[] },
): Promise<void> => {
  const options = (where: 'own' | 'trusted') =>
    due.flatMap((rule) =>
      rule.in === 'firewalld' && rule.zone === where ? [`--remove-${rule.option}=${rule.text}`] : [],
    )
  await at.run(sh`z=${zone}
for p in '' --permanent; do
  for o in ${options('own')}; do firewall-cmd -q $p --zone="$z" "$o" || true; done
  for o in ${options('trusted')}; do firewall-cmd -q $p --zone=trusted "$o" || true; done
done`)
}

const closeUfw = async (at: Writer, due: readonly Rule[]): Promise<void> => {
  const lines = due.flatMap((rule) => (rule.in === 'ufw' ? [deletion(rule.args)] : []))
  await at.run(sh`set -e; for r in ${lines}; do ufw $r; done`, { within: 300_000 })
}

/** `route delete allow …` for what is forwarded, `delete allow …` else. */
const deletion = (args: readonly string[]): string =>
  (args[0] === 'route' ? ['route', 'delete', ...args.slice(1)] : ['delete', ...args]).join(' ')
