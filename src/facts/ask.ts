// Folds facts of one kind into one command, joins the commands into one framed script, and reads the answers back. Pure.
import type { Command } from '../model/command.js'
import { isSecret, wire } from '../model/command.js'
import { unreadable, type Fact, type Kind, type Seen, type Section, type Span } from '../model/fact.js'
import type { Answer, Ms } from '../model/session.js'
import { quote } from '../text/quote.js'
import { raw } from '../text/sh.js'

type AnyKind = Kind<unknown, unknown>

interface Fold {
  readonly kind: AnyKind
  readonly facts: readonly Fact<unknown>[]
}

export interface Question {
  readonly script: Command
  readonly within: Ms
  /** What each fact's answer is, by the fact's key; of facts asked `together`, those that were answered. */
  readonly read: (answer: Answer, span?: Span) => ReadonlyMap<string, Seen<unknown>>
}

/**
 * `together`: sections are functions of one shell, which costs no process but those they start. One that hangs or breaks the
 * shell leaves itself and what follows unanswered: ask that again `apart`, each section in a shell of its own under its own
 * time limit, where a section that was cut off leaves only its own facts unreadable.
 */
export type Manner = 'together' | 'apart'

/** One `sh -c` argument holds 128 KiB; arguments of a kind are split well below it. */
const mostBytes = 64 * 1024

interface Asking {
  /** Random: it is what tells an answer from anything else a host prints. */
  readonly nonce: string
  readonly manner: Manner
}

export const question = (facts: readonly Fact<unknown>[], { nonce, manner }: Asking): Question => {
  const folds = fold(facts)
  // What talks to other hosts may well hang.
  const isApart = ({ kind }: Fold): boolean => manner === 'apart' || kind.cost === 'active'
  const sections = folds.map((one, index) => `${isApart(one) ? alone(one) : body(one)}; answered ${index} $?`)
  const mark = `answered() { unset IFS; printf '\\n%s %s %s\\n' ${nonce} "$1" "$2"; printf '\\n%s %s %s\\n' ${nonce} "$1" "$2" >&2; }`
  const withins = folds.map((one) => ({ within: one.kind.within, apart: isApart(one) }))
  return {
    script: raw(`${mark}\n{ answered start 0\n${sections.join('\n')}\n} </dev/null\n`),
    within:
      10_000 +
      withins.reduce((sum, { within, apart }) => sum + (apart ? within : 0), 0) +
      Math.max(0, ...withins.map(({ within, apart }) => (apart ? 0 : within))),
    read: (answer, span) => readAnswer({ folds, nonce, answer, manner, span }),
  }
}

/** A function, so that a section may say `return` and has arguments of its own. */
const body = ({ kind, facts }: Fold): string => {
  const command = kind.ask(facts.map((one) => one.arg))
  // A section may become an argument of sh, which every user of the host can read.
  if (command.parts.some(isSecret)) throw new Error(`${kind.name}: a look must hold no secret`)
  return `look() {\n${wire(command)}\n}\nlook`
}

const alone = (one: Fold): string =>
  `timeout -k 1 ${Math.max(1, Math.ceil(one.kind.within / 1000))} /bin/sh -c ${quote(body(one))}`

const fold = (facts: readonly Fact<unknown>[]): readonly Fold[] => {
  const byKind = new Map<AnyKind, Map<string, Fact<unknown>>>()
  for (const one of facts) {
    const kind = one.kind as AnyKind
    const keys = byKind.get(kind) ?? new Map<string, Fact<unknown>>()
    byKind.set(kind, keys.set(one.key, one))
  }
  return [...byKind].flatMap(([kind, keys]) => chunks([...keys.values()]).map((chunk) => ({ kind, facts: chunk })))
}

const chunks = (facts: readonly Fact<unknown>[]): readonly (readonly Fact<unknown>[])[] => {
  const result: Fact<unknown>[][] = [[]]
  let bytes = 0
  for (const one of facts) {
    if (bytes + one.key.length > mostBytes) {
      result.push([])
      bytes = 0
    }
    result.at(-1)?.push(one)
    bytes += one.key.length
  }
  return result
}

interface Answered extends Asking {
  readonly folds: readonly Fold[]
  readonly answer: Answer
  readonly span: Span | undefined
}

const readAnswer = (of: Answered): ReadonlyMap<string, Seen<unknown>> => {
  const { folds, nonce, answer, manner, span } = of
  const stdout = marked(answer.stdout, nonce)
  const stderr = marked(answer.stderr, nonce)
  const seen = new Map<string, Seen<unknown>>()
  folds.forEach(({ kind, facts }, index) => {
    const out = stdout.get(String(index))
    if (!out && manner === 'together') return
    const states = out
      ? tell(kind, facts, {
          ...out,
          stderr: stderr.get(String(index))?.stdout ?? Buffer.alloc(0),
          ...(span === undefined ? {} : { span }),
        })
      : []
    facts.forEach((one, at) =>
      seen.set(one.key, states[at] ?? unreadable(`${kind.name}: the host's answer was cut off`)),
    )
  })
  return seen
}

const tell = (kind: AnyKind, facts: readonly Fact<unknown>[], section: Section): readonly Seen<unknown>[] => {
  if (section.status === 124 || section.status === 137)
    return facts.map(() => unreadable(`${kind.name}: no answer within ${Math.round(kind.within / 1000)} s`))
  try {
    return kind.tell(
      section,
      facts.map((one) => one.arg),
    )
  } catch (error) {
    // An answer nobody foresaw must not end a run half-way: only what it was about is not known.
    const why = error instanceof Error ? error.message : String(error)
    return facts.map(() => unreadable(`${kind.name}: its answer makes no sense: ${why}`))
  }
}

/** The bytes between two marks and the status in the closing one, by the closing mark's name. */
const marked = (bytes: Buffer, nonce: string): ReadonlyMap<string, Section> => {
  const sections = new Map<string, Section>()
  const needle = Buffer.from(`\n${nonce} `)
  let from = -1
  for (let at = bytes.indexOf(needle); at !== -1; at = bytes.indexOf(needle, at + 1)) {
    const end = bytes.indexOf(0x0a, at + needle.length)
    if (end === -1) break
    const [name = '', status = ''] = bytes
      .subarray(at + needle.length, end)
      .toString('utf8')
      .split(' ')
    if (from !== -1)
      sections.set(name, { stdout: bytes.subarray(from, at), stderr: Buffer.alloc(0), status: Number(status) })
    from = end + 1
  }
  return sections
}
