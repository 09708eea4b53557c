// One thing that changes, as lines: `~ sysctl net.ipv4.ip_forward  0 → 1`, or a file with its unified diff.
import type { Change } from '../model/step.js'
import type { LineDiff } from '../text/line-diff.js'
import { plainLine, plainText } from '../text/plain.js'
import type { Item } from './plan-items.js'
import type { Style } from './style.js'
import { sayImpact } from './words.js'

export interface ItemView {
  readonly style: Style
  /** verbose: the whole contents of new files. */
  readonly verbosity: 'normal' | 'verbose'
  readonly diff: LineDiff
}

/** Lines of a new file that are shown; a diff is shown longer, since it is what to read. */
const newFileLines = 12
const diffLines = 80
/** Values longer than this stand on lines of their own, and so do notes that are longer together. */
const longValue = 60
const inlineNotes = 64

export const itemLines = (item: Item, view: ItemView): readonly string[] => {
  const { style } = view
  const [mark, tone] = ({ added: ['+', 'green'], changed: ['~', 'yellow'], removed: ['-', 'red'] } as const)[item.kind]
  const notes = notesOf(item)
  const together = notes.join(', ')
  const fitsInline = together.length <= inlineNotes
  const impact = sayImpact(item.impact, item.kind)
  const head = [
    style[tone](`${mark} ${plainLine(item.path)}`),
    ...(together !== '' && fitsInline ? [together] : []),
    ...(impact === '' ? [] : [style.magenta(`[${impact}]`)]),
  ]
  const below = [...(fitsInline ? [] : notes), ...blockLines(item, view)]
  return [head.join('  '), ...below.map((line) => `    ${line}`.trimEnd())]
}

const notesOf = ({ main, attributes, kind }: Item): readonly string[] => {
  const notes = [...(main === null ? [] : mainNotes(main)), ...attributes.map((one) => attributeNote(one, kind))]
  if (main === null || !isShort(main)) return notes.map(plainLine)
  const { from, to } = main
  const value = from === null ? (to ?? '') : to === null ? `was ${from}` : `${from} → ${to}`
  return [value, ...notes].map(plainLine)
}

const mainNotes = (main: Change): readonly string[] => {
  if (main.secret)
    return [main.from === null ? '(secret)' : main.to === null ? '(secret, removed)' : '(secret, differs)']
  if (main.text && main.from === null) return ['new file']
  if (!main.text && (isHash(main.from) || isHash(main.to)))
    return [main.from !== null && main.to !== null ? 'contents differ' : 'a file']
  return []
}

/** Of a new thing the value says enough: `0644`, `root:root`, `held`. */
const attributeNote = ({ name, change }: Item['attributes'][number], kind: Item['kind']): string => {
  const to = change.to ?? 'none'
  if (change.from !== null) return `${name} ${change.from} → ${to}`
  return kind === 'added' || name === 'hold' ? to : `${name} ${to}`
}

const blockLines = ({ main }: Item, view: ItemView): readonly string[] => {
  if (main === null || main.secret) return []
  if (main.text) return textLines(main, { text: main.text, view })
  if (isShort(main) || isHash(main.from) || isHash(main.to)) return []
  const side = (value: string | null, paint: (line: string) => string, mark: string) =>
    value === null
      ? []
      : plainText(value)
          .split('\n')
          .map((line) => paint(`${mark} ${line}`))
  return [...side(main.from, view.style.red, '-'), ...side(main.to, view.style.green, '+')]
}

const textLines = (
  { from }: Change,
  { text, view }: { readonly text: { readonly from: string; readonly to: string }; readonly view: ItemView },
): readonly string[] => {
  const { style } = view
  if (from === null) {
    const lines = plainText(text.to).replace(/\n$/, '').split('\n')
    return cut(
      lines.map((line) => style.green(`| ${line}`)),
      { most: newFileLines, view },
    )
  }
  const hunks = view.diff({ from: plainText(text.from), to: plainText(text.to) })
  if (hunks === null) return [style.dim('differs entirely')]
  const lines = hunks.flatMap((hunk) => [
    style.cyan(`@@ line ${hunk.line} @@`),
    ...hunk.lines.map((line) => paint(line, style)),
  ])
  return cut(lines, { most: diffLines, view })
}

const paint = (line: string, style: Style): string =>
  line.startsWith('+') ? style.green(line) : line.startsWith('-') ? style.red(line) : line

const cut = (
  lines: readonly string[],
  { most, view }: { readonly most: number; readonly view: ItemView },
): readonly string[] => {
  const rest = lines.length - most
  if (view.verbosity === 'verbose' || rest < 3) return lines
  return [...lines.slice(0, most), view.style.dim(`… ${rest} more lines (--verbose)`)]
}

const isShort = ({ from, to, text, secret }: Change): boolean =>
  !text && !secret && !isHash(from) && !isHash(to) && [from, to].every((value) => value === null || fits(value))

const fits = (value: string): boolean => value.length <= longValue && !value.includes('\n')

const isHash = (value: string | null): boolean => value !== null && /^sha256:[0-9a-f]{12,64}$/.test(value)
