// Problem → Diagnostic: adds line, column and code frame; secrets that stand in the text are blotted out of the frame.
import type { Diagnostic } from '../model/diagnostic.js'
import { codeFrame, placeAt } from '../text/code-frame.js'
import type { Span, YamlFile } from '../text/yaml.js'
import type { Problem } from './problem.js'

export interface Source {
  readonly file: string
  readonly text: string
  readonly yaml: YamlFile
}

/** Keys whose values are secrets, also where an operator wrote the secret itself instead of a reference. */
const secretKeys: ReadonlySet<string> = new Set(['password', 'sudoPassword', 'token', 'secret', 'passphrase'])

/** In the order of the file. */
export const locate = (source: Source, problems: readonly Problem[]): readonly Diagnostic[] =>
  [
    ...source.yaml.mistakes.map((found) =>
      diagnosticAt(source, {
        severity: 'error',
        code: found.code,
        message: found.message,
        hint: found.hint,
        span: found,
      }),
    ),
    ...problems.map((problem) => {
      const span = source.yaml.span(problem.path, problem.at)
      return diagnosticAt(source, { ...problem, message: problem.message + otherPlace(source, problem), span })
    }),
  ].sort((a, b) => a.line - b.line || a.column - b.column)

const otherPlace = ({ text, yaml }: Source, { other }: Problem): string =>
  other === undefined ? '' : ` (line ${placeAt(text, yaml.span(other, 'value').from).line})`

type Facts = Pick<Problem, 'severity' | 'code' | 'message' | 'hint'> & { readonly span: Span }

const diagnosticAt = ({ file, text, yaml }: Source, { severity, code, message, hint, span }: Facts): Diagnostic => ({
  severity,
  code: `inventory.${code}`,
  file,
  ...placeAt(text, span.from),
  message,
  frame: codeFrame(withoutLogins(yaml.blot(secretKeys)), span),
  hint,
})

/** At the same length, so that the frame's mark stays where it belongs. */
const withoutLogins = (text: string): string =>
  text.replaceAll(/(?<=:\/\/)[^\s/@'"]+(?=@)/g, (login) => '*'.repeat(login.length))
