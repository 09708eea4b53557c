// Folds facts of one kind into one command, joins the commands into one framed script, and reads the answers back. Pure.
import type { Command } from '../model/command.js'
import { isSecret, wire } from '../model/command.js'
import { unreadable, type Fact, type Kind, type Seen, type Section } from '../model/fact.js'
import type { Answer, Ms } from '../model/session.js'
import { quote, raw } from '../text/sh.js'

type AnyKind = Kind<unknown, unknown>

interface Fold {
  readonly kind: AnyKind
  readonly facts: readonly Fact<unknown>[]
}

export interface Question {
  readonly script: Command
  readonly within: Ms
  /** What each fact's answer is, by the fact's key. A section that was cut off leaves only its own facts unreadable. */
  read(answer: Answer): ReadonlyMap<string, Seen<unknown>>
}

/** One `sh -c` argument holds 128 KiB; arguments of a kind are split well below it. */
const mostBytes = 64 * 1024

/** `nonce` must be random: it is what tells an answer from anything else a host prints. */
export const question = (facts: readonly Fact<unknown>[], nonce: string): Question => {
  const folds = fold(facts)
  const sections = folds.map(({ kind, facts: ofKind }, index) => {
    const seconds = Math.max(1, Math.ceil(kind.within / 1000))
    const command = kind.ask(ofKind.map((one) => one.arg))
    // A section becomes an argument of sh, which every user of the host can read.
    if (command.parts.some(isSecret)) throw new Error(`${kind.name}: a look must hold no secret`)
    const body = quote(wire(command))
    return `timeout -k 1 ${seconds} /bin/sh -c ${body}; m ${index} $?`
  })
  const mark = `m() { printf '\\n%s %s %s\\n' ${nonce} "$1" "$2"; printf '\\n%s %s %s\\n' ${nonce} "$1" "$2" >&2; }`
  return {
    script: raw(`${mark}\n{ m start 0\n${sections.join('\n')}\n} </dev/null\n`),
    within: folds.reduce((sum, { kind }) => sum + kind.within, 10_000),
    read: (answer) => readAnswer({ folds, nonce, answer }),
  }
}

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

const readAnswer = ({ folds, nonce, answer }: { folds: readonly Fold[]; nonce: string; answer: Answer }) => {
  const stdout = marked(answer.stdout, nonce)
  const stderr = marked(answer.stderr, nonce)
  const seen = new Map<string, Seen<unknown>>()
  folds.forEach(({ kind, facts }, index) => {
    const out = stdout.get(String(index))
    const states = out
      ? tell(kind, facts, { ...out, stderr: stderr.get(String(index))?.stdout ?? Buffer.alloc(0) })
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
