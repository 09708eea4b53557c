// Tagged template for configuration files: dedents, puts arrays as lines, and refuses values that would print as rubbish.

export type ConfValue = string | number | readonly string[]

/**
 * The text without its common indentation, ending in one newline; backslashes stay as they are written.
 * An array that stands alone on its line becomes one line an item, each at the indentation of its place; an empty one
 * leaves no line. Throws on undefined, null, NaN and on a value with a line break, which could smuggle in a setting.
 */
export const conf = (strings: TemplateStringsArray, ...values: readonly ConfValue[]): string => {
  const text = strings.raw.reduce((all, part, index) => `${all}${mark(index - 1)}${part}`)
  return dedent(text.split('\n'))
    .flatMap((line) => fill(line, values))
    .map((line) => `${line}\n`)
    .join('')
}

/** A text as lines, for use inside another `conf`; without the line breaks at its end. */
export const lines = (text: string): readonly string[] => {
  const body = text.replace(/\n+$/, '')
  return body === '' ? [] : body.split('\n')
}

const mark = (index: number) => `\u0000${index}\u0000`
// oxlint-disable-next-line no-control-regex -- NUL cannot stand in a configuration file, so it marks the places
const marks = /\u0000(\d+)\u0000/g

const dedent = (all: readonly string[]): readonly string[] => {
  const body = all.slice(all[0]?.trim() === '' ? 1 : 0, all.at(-1)?.trim() === '' ? -1 : undefined)
  const indents = body.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length)
  const common = Math.min(...indents)
  return body.map((line) => line.slice(common).trimEnd())
}

const fill = (line: string, values: readonly ConfValue[]): readonly string[] => {
  const alone = /^(\s*)\u0000(\d+)\u0000$/.exec(line)
  const value = alone === null ? undefined : values[Number(alone[2])]
  if (Array.isArray(value)) {
    return value.map((item: unknown) => `${alone?.[1] ?? ''}${scalar(item, line)}`.trimEnd())
  }
  return [line.replace(marks, (_, index: string) => scalar(values[Number(index)], line))]
}

const scalar = (value: unknown, line: string): string => {
  const wrong = (what: string) => new Error(`A template got ${what} in the line "${line.replace(marks, '…').trim()}"`)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw wrong(String(value))
    return String(value)
  }
  if (typeof value !== 'string') throw wrong(Array.isArray(value) ? 'a list in the middle' : String(value))
  if (/[\n\r\0]/.test(value)) throw wrong('a value with a line break')
  return value
}
