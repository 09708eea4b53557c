// The real step of the graph with the fake host's script in place of its look and its apply; everything else of it is kept.
import { backendsOf } from '../../../src/endpoint/backends.js'
import type { ReadOnly } from '../../../src/model/command.js'
import { fact, type HostRef, type Kind } from '../../../src/model/fact.js'
import type { Host } from '../../../src/model/inventory.js'
import type { Scope } from '../../../src/model/playbook.js'
import { all, always, map, see, type Look } from '../../../src/model/look.js'
import { changed, check, step, type Change, type Step, type Writers } from '../../../src/model/step.js'
import { transient } from '../../../src/steps/transient.js'
import { asWanted, scriptOf, type Script } from './script.js'

const valueKind = (stays: 'host' | 'world'): Kind<string, string | null> => ({
  name: `value-${stays}`,
  stays,
  cost: 'cheap',
  within: 1000,
  ask: () => ({ parts: [''] }) as unknown as ReadOnly,
  tell: () => [],
})
const kinds = { host: valueKind('host'), world: valueKind('world') }

const value = (key: string, stays: 'host' | 'world' = 'host'): Look<string | null> => see(fact(kinds[stays], key))

const roleOf = ({ roles }: Host): 'master' | 'worker' | 'haproxy' =>
  roles.includes('master') ? 'master' : roles.includes('worker') ? 'worker' : 'haproxy'

export const faked = (real: Step, scope: Scope): Step => {
  const { host } = scope
  const { id, title, after, writes, settle } = real
  if (writes.length === 0) return check({ id, title, after, settle, look: always(null), problems: () => [] })
  const script = scriptOf({ host: host.name, role: roleOf(host), step: id, backends: backendsOf(scope) })
  // What is changed through another host is a world's matter, as it is for the real looks.
  const stays = writes.includes('self') && !script.wants.key.startsWith('cluster:') ? 'host' : 'world'
  return step({
    ...{ id, title, after, writes, settle: null },
    look: all({ have: value(script.wants.key, stays), only: value(script.only ?? script.wants.key, stays) }),
    diff: (seen) => changesOf(script, seen),
    apply: (at, { have }) =>
      act(at, {
        id,
        script,
        to: goal(script, have),
        through: writes.find((ref) => ref === 'self') ?? writes[0] ?? 'self',
      }),
  })
}

interface Have {
  readonly have: string | null
  readonly only: string | null
}

const goal = ({ wants: { to } }: Pick<Script, 'wants'>, have: string | null): string | null =>
  typeof to === 'function' ? to(have) : to

const changesOf = ({ wants, only }: Script, seen: Have): readonly Change[] =>
  only !== undefined && seen.only === null
    ? []
    : changed({ path: wants.key, from: seen.have, to: goal({ wants }, seen.have) })

interface Act {
  readonly id: string
  readonly script: Script
  readonly to: string | null
  /** Where the real step writes. */
  readonly through: HostRef
}

/** Everything a command does travels in it, so that a fake host needs to know nothing of the graph. */
const act = async (at: Writers, { id, script, to, through }: Act): Promise<void> => {
  for (const action of script.actions) {
    const writer = action.do === 'command' ? await at.at(action.at ?? through) : at.self
    const told = JSON.stringify({ lane: at.self.host, step: id, action }).replaceAll(
      `"${asWanted}"`,
      JSON.stringify(to),
    )
    if (action.do === 'command') await writer.run({ parts: [told] })
    // The real waiter: what it makes of the host's answer is part of what is tried.
    else await transient(writer, { name: action.name, command: { parts: [told] }, within: 900_000 })
  }
}

export const healthyMaster: Look<boolean> = map(value('member'), (found) => found === 'master')
