// The gate: the only place in the program that decides whether a host is touched.
import { KhactlError } from '../model/error.js'
import { failureOf } from '../model/failure.js'
import type { StepPlace, Verdict } from '../model/event.js'
import type { Seen } from '../model/fact.js'
import type { HostName } from '../model/host.js'
import type { Ms } from '../model/session.js'
import type { Cause, Intent, Step } from '../model/step.js'
import type { Ahead, Observer } from './observe.js'
import type { Memory } from './memory.js'
import type { Ports } from './ports.js'
import { found, lossOf, lostFor, mostLosses } from './lost.js'
import { createWriters, type Hands } from './writers.js'
import type { announcedBy } from './expect.js'
import { createWaiting, sayWithCauses, withCauses } from './waiting.js'

export interface Gate {
  readonly observer: Observer
  readonly memory: Memory
  readonly ports: Ports
  /** What writes; null in a plan: then nothing can be changed. */
  readonly hands: Hands | null
  /** What the plan that was shown and agreed to did not say; null in a plan. */
  readonly unplanned: ReturnType<typeof announcedBy> | null
  /** Until when a check that may settle is waited for, by the ports' clock; null: not at all. */
  readonly patientUntil: Ms | null
  /** Nothing that only waits goes on waiting. */
  readonly interrupted: () => boolean
}

export interface Passage {
  readonly step: Step
  readonly place: StepPlace
  readonly may: 'change' | 'look'
  /** Of its stage. */
  readonly cut: 'left' | undefined
  /** Steps of this host that would have changed something or are unknown, by id. */
  readonly pending: ReadonlySet<string>
  /** A pending step of any host; undefined: there is none yet. */
  readonly pendingAnywhere: () => string | undefined
  readonly ahead: readonly Ahead[]
}

export const passGate = async (gate: Gate, passage: Passage): Promise<Verdict> => {
  const { step, place, pending, may } = passage
  const hands = may === 'change' ? gate.hands : null
  const isCheck = step.writes.length === 0
  const after = step.after.find((id) => pending.has(id))
  // A check of behaviour (it may settle) can fail for a change that is pending on another host: a firewall, a stopped unit.
  const before = after ?? (isCheck && step.settle && !hands ? passage.pendingAnywhere() : undefined)
  if (before !== undefined && !isCheck) return { kind: 'unknown', until: before }
  // In a run that changes things, or only waits, a check is patient, also where --limit lets it only look: joins take their
  // time to show. Not where what it waits for is left to another run, or to the part of this one that has hands.
  const isInVain = before !== undefined && (passage.cut === 'left' || gate.hands === null)
  const patient = hands !== null || (isCheck && gate.patientUntil !== null && !isInVain)
  // Its look runs something that may change the host.
  if (step.knownBy !== undefined && !hands) return { kind: 'unknown', until: step.knownBy }
  const seen = patient ? await patientLook(gate, passage) : await lookAt(gate, passage, 0)
  if (seen === 'interrupted') return { kind: 'skipped', why: seen }
  // A check that holds already is told as such; one that does not may yet, once the step before it ran.
  if (before !== undefined && (seen.status !== 'known' || hasFailure(seen))) return { kind: 'unknown', until: before }
  if (seen.status === 'unreadable')
    return seen.fatal ? { kind: 'failed', failure: failureOf(seen.fatal) } : { kind: 'unreadable', why: seen.why }
  if (seen.status === 'unknown') {
    // What a check waits for may have failed or been cut by --limit: that is told where it happened.
    if (!hands || isCheck) return { kind: 'unknown', until: seen.until }
    return failed('engine.unresolved', `still unknown, although ${seen.until} has run`)
  }
  const { changes, problems } = seen.state
  if (hasFailure(seen)) return { kind: 'problem', problems }
  if (changes.length === 0) return { kind: 'ok', problems }
  if (!hands) return { kind: 'would-change', changes }
  const surprise = gate.unplanned?.({ place, changes }) ?? null
  if (surprise !== null) return failed('engine.unplanned', surprise)
  gate.ports.emit({ type: 'step-applying', ...place, changes })
  return apply(gate, passage, { intent: seen.state, hands })
}

const apply = async (
  gate: Gate,
  passage: Passage,
  { intent: first, hands }: { readonly intent: Intent; readonly hands: Hands },
): Promise<Verdict> => {
  const { step, place } = passage
  let intent = first
  let hosts: readonly HostName[] = []
  for (let losses = 1; ; losses += 1) {
    try {
      hosts = await Promise.all(step.writes.map((ref) => hands.resolve(ref, place.host)))
      await hands.holding(hosts, () => intent.apply(createWriters(hands, place.host)))
      break
    } catch (error) {
      const loss = lossOf(error)
      if (loss === 'none') return leftAlone(error) ?? { kind: 'failed', failure: failureOf(error) }
      const judged = await judge(gate, passage, { error, again: loss === 'look' && losses < mostLosses })
      if (judged === 'done') break
      if ('kind' in judged) return judged
      intent = judged
    }
  }
  return settled(gate, { passage, intent: first, hosts: [place.host, ...hosts] })
}

/** What a lost command came to: `done`, what is still to be done and may be, or why the step ends here. */
const judge = async (
  gate: Gate,
  passage: Passage,
  { error, again }: { readonly error: unknown; readonly again: boolean },
): Promise<'done' | Intent | Verdict> => {
  const { place } = passage
  const why = error instanceof Error ? error.message : String(error)
  const note = (text: string): void => gate.ports.emit({ type: 'note', level: 'warning', host: place.host, text })
  const seen = await lookAt(gate, passage, gate.memory.glance())
  if (seen.status === 'unreadable' && seen.fatal) return { kind: 'failed', failure: failureOf(seen.fatal) }
  if (seen.status !== 'known') {
    const reason = seen.status === 'unreadable' ? seen.why : `unknown until ${seen.until}`
    return lostFor(error, `the host could not be looked at afterwards: ${reason}`)
  }
  const { changes } = seen.state
  if (changes.length === 0) {
    note(found.done(why))
    return 'done'
  }
  if (!again || gate.interrupted()) return lostFor(error, `still to do: ${changes.map(({ path }) => path).join(', ')}`)
  const surprise = gate.unplanned?.({ place, changes }) ?? null
  if (surprise !== null) return failed('engine.unplanned', surprise)
  note(found.again(why))
  return seen.state
}

/** What is no failure but the operator's wish: it goes on without us, or what it waited for is not waited for any more. */
const leftAlone = (error: unknown): Verdict | null => {
  if (!(error instanceof KhactlError)) return null
  if (error.code === 'run.detached') return { kind: 'detached', why: error.message }
  return error.code === 'run.interrupted' ? { kind: 'skipped', why: 'interrupted' } : null
}

/** Looks once; a check that may settle (backends up, one VIP holder) is given its time before it counts as failed. */
const patientLook = async (gate: Gate, passage: Passage): Promise<Seen<Intent> | 'interrupted'> => {
  const { within, every } = passage.step.settle ?? { within: 0, every: 0 }
  const end = Math.min(gate.ports.now() + within, gate.patientUntil ?? Infinity)
  const waiting = waitingOf(gate, passage)
  // What was seen since the last command anywhere is believed where it is well; a failure is looked at again before it counts.
  for (let isFirst = true; ; isFirst = false) {
    const seen = await lookAt(gate, passage, isFirst ? 0 : gate.memory.glance())
    const isBlind = seen.status === 'unreadable' && seen.fatal === undefined
    const fails = passage.step.writes.length === 0 && (isBlind || hasFailure(seen))
    if (!fails) return seen
    if (isFirst) continue
    if (within === 0) return seen
    const { causes, isFinal } = waiting(complaint(seen))
    if (isFinal || gate.ports.now() >= end) return withCauses(seen, causes)
    if (gate.interrupted()) return 'interrupted'
    await gate.ports.wait(every)
    gate.memory.age(passage.place.host)
  }
}

/** Of a hundred nodes that are not Ready yet a few stand for all. */
const mostTold = 3

const complaint = (seen: Seen<Intent>): string => {
  if (seen.status === 'unreadable') return seen.why
  const failures = seen.status === 'known' ? seen.state.problems.filter(({ level }) => level === 'failure') : []
  const [told, more] = [failures.slice(0, mostTold), failures.slice(mostTold)]
  return [...told.map(({ message }) => message), ...(more.length > 0 ? [`and ${more.length} more`] : [])].join('; ')
}

const waitingOf = (gate: Gate, { step: { why }, place }: Passage): ReturnType<typeof createWaiting> =>
  createWaiting({
    ask: why ? () => gate.observer.observe(why, { host: place.host, glance: gate.memory.glance() }) : null,
    now: () => gate.ports.now(),
    tell: (text) => gate.ports.emit({ type: 'waiting', ...place, why: text }),
  })

const nothingHeld = { causes: [], isFinal: false } as const

const hasFailure = (seen: Seen<Intent>): boolean =>
  seen.status === 'known' && seen.state.problems.some(({ level }) => level === 'failure')

/** Looks until nothing differs any more, or the time is over. */
const settled = async (
  gate: Gate,
  {
    passage,
    intent,
    hosts,
  }: { readonly passage: Passage; readonly intent: Intent; readonly hosts: readonly HostName[] },
): Promise<Verdict> => {
  const { within, every } = passage.step.settle ?? { within: 0, every: 0 }
  const began = gate.ports.now()
  const end = began + within
  const waiting = waitingOf(gate, passage)
  for (;;) {
    const seen = await lookAt(gate, passage, gate.memory.glance())
    if (seen.status === 'known' && seen.state.changes.length === 0) return { kind: 'changed', changes: intent.changes }
    if (seen.status === 'unreadable' && seen.fatal) return { kind: 'failed', failure: failureOf(seen.fatal) }
    const { causes, isFinal } = within === 0 ? nothingHeld : waiting(differs(seen))
    if (isFinal || gate.ports.now() >= end)
      return unsettled(seen, { causes, waited: isFinal ? gate.ports.now() - began : within })
    if (gate.interrupted()) return { kind: 'detached', why: unwatched(passage.place) }
    await gate.ports.wait(every)
    for (const host of hosts) gate.memory.age(host)
  }
}

const unwatched = ({ host, title }: StepPlace): string =>
  `${host}: ${title}: that is done, but whether it took effect was not waited for`

const unsettled = (
  seen: Seen<Intent>,
  { causes, waited }: { readonly causes: readonly Cause[]; readonly waited: number },
): Verdict => {
  const when = waited > 0 ? `${Math.round(waited / 1000)} s after the change` : 'after the change'
  const { failure, ...verdict } = failed('step.unsettled', sayWithCauses(`${when}, ${differs(seen)}`, causes))
  const tail = causes.flatMap(({ log }) => log)
  return { ...verdict, failure: { ...failure, ...(tail.length === 0 ? {} : { tail }) } }
}

const differs = (seen: Seen<Intent>): string => {
  if (seen.status === 'unreadable') return `the host could not be read: ${seen.why}`
  if (seen.status === 'unknown') return `still unknown until ${seen.until}`
  const rest = seen.state.changes.map(
    ({ path, from, to }) => `${path} is ${from ?? 'absent'}, wanted ${to ?? 'absent'}`,
  )
  return `still different: ${rest.join('; ')}`
}

const lookAt = (gate: Gate, { step, place, ahead }: Passage, glance: number): Promise<Seen<Intent>> =>
  gate.observer.observe(step.look, { host: place.host, glance, ahead })

const failed = (code: string, message: string): Extract<Verdict, { kind: 'failed' }> => ({
  kind: 'failed',
  failure: { code, message, exit: 'failed' },
})
