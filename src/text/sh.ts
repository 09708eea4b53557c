// sh`…`: a POSIX sh text whose interpolated values are quoted by construction; a secret stays a node.
import { isSecret, secret, type Command, type Secret } from '../model/command.js'
import { quote } from './quote.js'

type Value = string | number | Secret | Command | readonly string[]

/**
 * Strings and numbers become one word each, lists become words, secrets are quoted and stay secret, commands are spliced
 * in. Backslashes are the shell's; only the one before `${` or a backtick is the template's and goes.
 */
export const sh = (texts: TemplateStringsArray, ...values: readonly Value[]): Command => ({
  parts: texts.raw.flatMap((written, index) => {
    const text = written.replaceAll(/\\(\$\{|`)/g, '$1')
    const value = values[index]
    return value === undefined ? [text] : [text, ...partsOf(value)]
  }),
})

const partsOf = (value: Value): readonly (string | Secret)[] => {
  if (typeof value === 'string') return [quote(value)]
  if (typeof value === 'number') return [String(value)]
  if (isSecret(value)) return [secret(quote(value.reveal()))]
  if ('parts' in value) return value.parts
  return [value.map(quote).join(' ')]
}

/** Trusted sh text as it is: only for program constants. */
export const raw = (text: string): Command => ({ parts: [text] })

export const join = (commands: readonly Command[], separator: string): Command => ({
  parts: commands.flatMap((command, index) => (index === 0 ? command.parts : [separator, ...command.parts])),
})
