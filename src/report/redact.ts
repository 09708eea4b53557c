// The second net under secrets: whatever reached an event by accident is masked before any sink sees it (R-U1).
import { isSecret, type Secret } from '../model/command.js'
import type { Event } from '../model/event.js'
import { maskPatterns, privateKeyEnd } from './secret-patterns.js'

export interface Redactor {
  /** Masks this value from now on, in every form it is likely to be printed in. Values under 4 characters cannot be masked. */
  readonly register: (secret: Secret | string) => void
  text(text: string): string
  /** Every text of a value, at any depth; the same value when nothing had to be masked. */
  value<T>(value: T): T
  /** Like value, and remembers per host what the last output line began (a private key, `certificate key:`). */
  event(event: Event): Event
}

const mask = '***'

/** Of texts that were masked already: enough for the steps of a run, too little to matter. */
const mostKept = 2000
const longestKept = 200

/** Fields that name things: masking them would break what is found by them, and none is ever a secret. */
const names = new Set([
  'type',
  'host',
  'hosts',
  'stage',
  'step',
  'code',
  'kind',
  'exit',
  'level',
  'mode',
  'outcome',
  'impact',
])

export const createRedactor = (): Redactor => {
  const forms = new Set<string>()
  let known: RegExp | null = null
  const lines = new Map<string, OutputState>()

  /** Titles and paths come again for every host. */
  const before = new Map<string, string>()

  const text = (raw: string): string => {
    const told = before.get(raw)
    if (told !== undefined) return told
    const masked = maskPatterns(known === null ? raw : raw.replace(known, mask), mask)
    if (raw.length <= longestKept) {
      if (before.size >= mostKept) before.clear()
      before.set(raw, masked)
    }
    return masked
  }
  const value = <T>(raw: T): T => mapTexts(raw, text) as T
  const output = (event: Event & { type: 'output' }): Event => {
    const state = lines.get(event.host) ?? { inKey: false, before: '' }
    const { shown, next } = outputLine(event.line, { state, text })
    lines.set(event.host, next)
    return shown === event.line ? event : { ...event, line: shown }
  }
  return {
    register: (secret) => {
      before.clear()
      for (const form of formsOf(isSecret(secret) ? secret.reveal() : secret)) forms.add(form)
      // The longest first, so that a value that contains another is masked whole.
      const sorted = [...forms].sort((a, b) => b.length - a.length)
      known = sorted.length === 0 ? null : new RegExp(sorted.map(escapeRegExp).join('|'), 'g')
    },
    text,
    value,
    event: (event) => (event.type === 'output' ? output(event) : value(event)),
  }
}

interface OutputState {
  readonly inKey: boolean
  readonly before: string
}

const outputLine = (
  line: string,
  { state, text }: { readonly state: OutputState; readonly text: (raw: string) => string },
): { readonly shown: string; readonly next: OutputState } => {
  if (state.inKey) {
    const end = privateKeyEnd.exec(line)
    const shown = end ? text(`${mask}${line.slice(end.index)}`) : mask
    return { shown, next: { inKey: end === null, before: '' } }
  }
  const begins = line.lastIndexOf('-----BEGIN ')
  const opened = begins >= 0 && /PRIVATE KEY-----/.test(line.slice(begins)) && !privateKeyEnd.test(line.slice(begins))
  const both = text(`${state.before}\n${line}`)
  const shown = both.includes('\n') ? both.slice(both.lastIndexOf('\n') + 1) : both
  return { shown, next: { inKey: opened, before: /certificate[-_ ]?key/i.test(line) ? line : '' } }
}

/** The value, its lines, and how shells, JSON, URLs and base64 (at each of its three alignments) would print it. */
const formsOf = (secret: string): readonly string[] => {
  const pieces = [secret, secret.trim(), ...secret.split('\n').filter((line) => line.trim().length >= 8)]
  const forms = pieces.flatMap((piece) => [
    piece,
    piece.replaceAll("'", `'\\''`),
    JSON.stringify(piece).slice(1, -1),
    encodeURIComponent(piece),
    ...base64Forms(piece),
  ])
  return forms.filter((form) => form.length >= 4)
}

/** Inside a longer text (`user:password`) the base64 of a value depends on where it begins; its inner characters do not. */
const base64Forms = (piece: string): readonly string[] => {
  const bytes = Buffer.from(piece, 'utf8')
  if (bytes.length < 5) return []
  const whole = bytes.toString('base64')
  const shifted = [0, 1, 2].flatMap((shift) => {
    const padded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const from = shift === 0 ? 0 : shift + 1
    const to = (bytes.length + shift) % 3 === 0 ? padded.length : padded.length - 1
    const inner = padded.slice(from, to)
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')].filter((form) => form.length >= 6)
  })
  return [whole, whole.replace(/=+$/, ''), ...shifted]
}

const mapTexts = (raw: unknown, text: (raw: string) => string): unknown => {
  if (typeof raw === 'string') return text(raw)
  if (isLines(raw)) return mapLines(raw, text)
  if (Array.isArray(raw)) {
    const mapped = raw.map((one) => mapTexts(one, text))
    return mapped.some((one, index) => one !== raw[index]) ? mapped : raw
  }
  if (typeof raw !== 'object' || raw === null || isSecret(raw) || raw instanceof Uint8Array) return raw
  const whole = raw as Readonly<Record<string, unknown>>
  let mapped: Record<string, unknown> | null = null
  for (const key of Object.keys(whole)) {
    if (names.has(key)) continue
    const told = mapTexts(whole[key], text)
    if (told !== whole[key]) (mapped ??= { ...whole })[key] = told
  }
  return mapped ?? raw
}

/** Texts one after the other are the lines of an output, and a key goes over many of them. */
const isLines = (raw: unknown): raw is readonly string[] =>
  Array.isArray(raw) && raw.length > 1 && raw.every((one) => typeof one === 'string' && !one.includes('\n'))

const mapLines = (raw: readonly string[], text: (raw: string) => string): readonly string[] => {
  const whole = raw.join('\n')
  const masked = text(whole)
  return masked === whole ? raw : masked.split('\n')
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
