// A step: what to look at, what would change, and how to change it.
import type { Command, Secret } from './command.js'
import type { HostRef, StepId } from './fact.js'
import type { HostName } from './host.js'
import { map, type Look } from './look.js'
import type { Answer, Ms } from './session.js'

export type Impact = 'none' | 'reload' | 'restart' | 'membership' | 'api-gap'

export interface Change {
  /** What changes: `/etc/hosts`, `/etc/hosts mode`, `package haproxy`, `unit haproxy enabled`, `sysctl net.ipv4.ip_forward`. */
  readonly path: string
  /** null: absent. */
  readonly from: string | null
  /** null: absent. */
  readonly to: string | null
  /** Whole texts before and after, where a unified diff says more than from and to. Never set for secret files. */
  readonly text?: { readonly from: string; readonly to: string }
  readonly secret?: true
  /** What it was changes by itself from one moment to the next (pods on a node): no reason to stop, nor a surprise. */
  readonly volatile?: true
  readonly impact: Impact
}

/** A finding of a check. `failure` stops the run before any change; the others are only said. */
export interface Problem {
  readonly level: 'failure' | 'warning' | 'not-checked'
  readonly message: string
  readonly hint?: string
}

/** What holds up a step that waits for the world to show something. */
export interface Cause {
  /** In one line. */
  readonly text: string
  /** Of what ends by itself: what it is, and how often it was started again so far, or that nothing starts it any more. */
  readonly dies?: { readonly what: string; readonly restarts: number | 'given up' }
  /** Last lines of its log. */
  readonly log: readonly string[]
}

export interface Intent {
  readonly changes: readonly Change[]
  readonly problems: readonly Problem[]
  /** Makes the changes; called at most once for an intent, only when there are changes. No look, no apply. */
  apply(at: Writers): Promise<void>
}

export interface Step {
  readonly id: StepId
  /** Imperative, as a person reads it: `Set net.ipv4.ip_forward to 1`. */
  readonly title: string
  readonly look: Look<Intent>
  /** Ids of steps on the same host; behind a pending one of these the step is unknown in a plan. */
  readonly after: readonly StepId[]
  /** Hosts the step runs commands on; their lanes are held while it applies. */
  readonly writes: readonly HostRef[]
  /** How long the world may take to show the change; null: the next look must show it. */
  readonly settle: { readonly within: Ms; readonly every: Ms } | null
  /** Looked at only while the step waits for the world: what holds it up, told as it goes and in the failure (R-U2). */
  readonly why?: Look<readonly Cause[]>
  /** What must be run on the host to know whether there is anything to do; so a plan, which runs nothing, cannot tell. */
  readonly knownBy?: string
}

export interface RunOptions {
  /** Default 60 000. */
  readonly within?: Ms
  readonly stdin?: Uint8Array
  /** Made on the way, and part of stdin: masked in all output from now on. */
  readonly secrets?: readonly Secret[]
  /** Exit statuses that are no failure; default only 0. */
  readonly expect?: readonly number[]
  /** `secret`: what the command prints is for the step alone; it is neither shown nor logged. Default `shown`. */
  readonly output?: 'shown' | 'secret'
  /** When the operator stops the run: `finish` lets the command end, `leave` ends it at once, as it only waits. Default `finish`. */
  readonly interrupt?: 'finish' | 'leave'
  /** Sent again by itself when its answer is lost; `look`: it changes nothing. Absent: never; the run looks first. */
  readonly repeat?: 'look' | 'harmless'
  /** Makes the command anew whenever it is sent: a time in it is that of the sending. */
  readonly anew?: () => Command
  /** Called for every complete line that it prints, beside whoever shows them. */
  readonly onLine?: (line: string) => void
}

/** The only way to change a host. Handed to apply by the engine, which has none in plan mode. */
export interface Writer {
  readonly host: HostName
  /** Throws KhactlError `step.command` for an unexpected exit status. */
  run(command: Command, options?: RunOptions): Promise<Answer>
}

export interface Writers {
  readonly self: Writer
  at(ref: HostRef): Promise<Writer>
}

interface StepSpec<S> {
  readonly id: StepId
  readonly title: string
  readonly look: Look<S>
  readonly diff: (have: S) => readonly Change[]
  readonly apply: (at: Writers, have: S) => Promise<unknown>
  readonly after?: readonly StepId[]
  readonly writes?: readonly HostRef[]
  readonly settle?: Step['settle']
  readonly why?: Look<readonly Cause[]>
}

/** Closes over the state's type: the engine sees only intents. */
export const step = <S>(spec: StepSpec<S>): Step => ({
  id: spec.id,
  title: spec.title,
  after: spec.after ?? [],
  writes: spec.writes ?? ['self'],
  settle: spec.settle ?? null,
  ...(spec.why ? { why: spec.why } : {}),
  look: map(spec.look, (have) => ({
    changes: spec.diff(have),
    problems: [],
    apply: async (at) => {
      await spec.apply(at, have)
    },
  })),
})

/** A check has no apply: what it finds is reported, all checks at once, before any change. */
export const check = <S>(spec: {
  readonly id: StepId
  readonly title: string
  readonly look: Look<S>
  readonly problems: (have: S) => readonly Problem[]
  readonly after?: readonly StepId[]
  /** How long a failure may last in a run that changes things, or only waits for the cluster to settle; a plan looks once. */
  readonly settle?: Step['settle']
  readonly why?: Look<readonly Cause[]>
}): Step => ({
  id: spec.id,
  title: spec.title,
  after: spec.after ?? [],
  writes: [],
  settle: spec.settle ?? null,
  ...(spec.why ? { why: spec.why } : {}),
  look: map(spec.look, (have) => ({
    changes: [],
    problems: spec.problems(have),
    apply: () => Promise.reject(new Error('a check has nothing to apply')),
  })),
})

/** A change of one value when the two differ. */
export const changed = (change: Omit<Change, 'impact'> & { readonly impact?: Impact }): readonly Change[] =>
  change.from === change.to ? [] : [{ ...change, impact: change.impact ?? 'none' }]
