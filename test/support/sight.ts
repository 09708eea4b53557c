// Reads a look with made-up facts: by kind and argument, without any host.
import { known, type Fact, type Seen } from '../../src/model/fact.js'
import type { Look } from '../../src/model/look.js'
import type { Intent, Step } from '../../src/model/step.js'

/** By kind's name; the value for an argument, `undefined`: fails the test. */
export type Facts = Readonly<Record<string, (arg: never) => unknown>>

const read = <S>(look: Look<S>, facts: Facts): Seen<S> => {
  const reading = look.read({
    get: <V>(fact: Fact<V>) => {
      const of = facts[fact.kind.name]
      if (!of) throw new Error(`the look wants ${fact.kind.name} of ${JSON.stringify(fact.arg)}`)
      return known(of(fact.arg as never)) as Seen<V>
    },
  })
  if (reading.status === 'needs') throw new Error('the look still needs facts')
  return reading
}

export const intentWith = (step: Step, facts: Facts): Intent => {
  const seen = read(step.look, facts)
  if (seen.status !== 'known') throw new Error(`${step.id} is ${seen.status}`)
  return seen.state
}

/** `path: from → to` */
export const shownChanges = (step: Step, facts: Facts): readonly string[] =>
  intentWith(step, facts).changes.map(({ path, from, to }) => `${path}: ${from ?? 'absent'} → ${to ?? 'absent'}`)

/** What a kind tells of one argument when its command printed this. */
export const told = <V>(fact: Fact<V>, stdout: string, rest: { stderr?: string; status?: number } = {}): Seen<V> => {
  const section = { stdout: Buffer.from(stdout), stderr: Buffer.from(rest.stderr ?? ''), status: rest.status ?? 0 }
  const answer = fact.kind.tell(section, [fact.arg as never])[0]
  if (!answer) throw new Error('no answer')
  return answer
}
