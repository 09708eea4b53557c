// Diagnostics as a person reads them: place and cause, the code frame, the remedy.
import type { Diagnostic } from '../model/diagnostic.js'

export const diagnosticsText = (diagnostics: readonly Diagnostic[]): string =>
  diagnostics.map((diagnostic) => `${diagnosticText(diagnostic)}\n`).join('\n')

const diagnosticText = ({ severity, code, file, line, column, message, frame, hint }: Diagnostic): string =>
  [
    `${file}:${line}:${column} ${severity}: ${message} [${code}]`,
    ...(frame === '' ? [] : frame.split('\n').map((text) => `  ${text}`)),
    `  = ${hint}`,
  ].join('\n')
