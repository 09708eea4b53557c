// An error as a person needs it: what and where, the command as shown, what it printed, the cause, what to do.
import type { Failure } from '../model/event.js'
import { plainLine, plainText } from '../text/plain.js'
import { wrap } from '../text/width.js'
import type { Style } from './style.js'

interface FailurePlace {
  readonly host?: string
  /** Title of the step. */
  readonly title?: string
}

export interface FailureView {
  readonly place?: FailurePlace
  readonly style: Style
  /** Of the terminal: sentences are broken at words; absent: they are not broken. */
  readonly columns?: number | undefined
}

/** Lines: a headline, then indented what there is. Output of hosts is stripped of control characters. */
export const failureLines = (failure: Failure, { place = {}, style, columns }: FailureView): readonly string[] => {
  const broken = (text: string, indent: number): readonly string[] =>
    columns === undefined ? [text] : wrap(text, Math.max(20, columns - 1 - indent))
  const [message = '', ...more] = plainText(failure.message).split('\n')
  const where = [place.host, place.title].filter((part) => part !== undefined).map(plainLine)
  const { command, status, tail = [], attempts = [], causes = [], hint } = failure
  const code = `[${failure.code}]`
  const headline = where.length === 0 ? broken(`${message} ${code}`, 2) : [`${where.join(': ')} ${code}`]
  const strong = (line: string): string => style.red(style.bold(line))
  return [
    ...headline.map((line, index) => {
      const coded = line.endsWith(code) ? `${strong(line.slice(0, -code.length))}${style.dim(code)}` : strong(line)
      return index === 0 ? coded : `  ${coded}`
    }),
    ...(where.length === 0 ? [] : broken(message, 2).map((line) => `  ${line}`)),
    ...more.map((line) => `  ${line}`),
    ...(command === undefined ? [] : commandLines(command).map((line) => `  ${style.dim(line)}`)),
    ...(typeof status === 'number' ? [`  exit status ${status}${status === 124 ? ' (its time ran out)' : ''}`] : []),
    ...(status === null ? ['  how it ended is not known'] : []),
    ...tail.map((line) => `  ${style.dim('|')} ${plainLine(line)}`),
    ...attempts.map((said, at) => `  attempt ${at + 2}: ${plainLine(said)}`),
    ...causes.map((cause) => `  cause: ${plainLine(cause)}`),
    ...(hint === undefined
      ? []
      : broken(plainLine(hint), 4).map((line, at) => (at === 0 ? `  ${style.cyan('→')} ${line}` : `    ${line}`))),
  ]
}

/** Long scripts belong into the log. */
const shownCommandLines = 6

const commandLines = (command: string): readonly string[] => {
  const lines = plainText(command.trim()).split('\n')
  const rest = lines.length - shownCommandLines
  const shown = rest > 1 ? [...lines.slice(0, shownCommandLines), `… ${rest} more lines in the log`] : lines
  return shown.map((line, index) => `${index === 0 ? '$' : ' '} ${line}`)
}
