// Answers a prompt on a wire: once, on its standard input, and only after it was seen.
import type { Secret } from '../model/command.js'
import type { Ms } from '../model/session.js'
import type { Wire } from './wire.js'

export interface PromptOptions {
  readonly prompt: string
  readonly password: Secret
  /** How long a line without an end may stand there before it is taken for a question of somebody else's. */
  readonly patience?: Ms
}

export interface Prompt {
  /** The same wire, listened to on its way. */
  readonly over: (wire: Wire) => Wire
  /** `refused`: it was asked again. `foreign`: something else is asked. In both cases the input was ended, so that sudo ends. */
  readonly outcome: () => Outcome
  /** The shell is there: what comes now is not for the prompt. */
  readonly stop: () => void
}

export type Outcome = 'unasked' | 'answered' | 'refused' | 'foreign'

/** Less than the 10 s in which a refusal is to be told (R-S3). */
const defaultPatience: Ms = 5000

export const answerPrompt = ({ prompt, password, patience = defaultPatience }: PromptOptions): Prompt => {
  const wanted = Buffer.from(prompt)
  let outcome: Outcome = 'unasked'
  let isListening = true
  let timer: NodeJS.Timeout | undefined

  const stop = (): void => {
    isListening = false
    clearTimeout(timer)
  }
  const giveUp = (why: Outcome, wire: Wire): void => {
    stop()
    outcome = why
    wire.end()
  }
  const asked = (wire: Wire): void => {
    if (outcome !== 'unasked') return giveUp('refused', wire)
    outcome = 'answered'
    wire.write(Buffer.from(`${password.reveal()}\n`))
  }
  /** One for each stream: a prompt may come in pieces. */
  const ear = (wire: Wire): ((chunk: Buffer) => void) => {
    let held: Buffer = Buffer.alloc(0)
    return (chunk) => {
      if (!isListening) return
      clearTimeout(timer)
      held = Buffer.concat([held, chunk])
      const pieces = split(held, wanted)
      held = pieces.at(-1) ?? held
      for (let times = pieces.length; times > 1; times -= 1) asked(wire)
      if (!isListening) return
      if (held.length > 0 && held.at(-1) !== 10) timer = setTimeout(() => giveUp('foreign', wire), patience)
      held = held.subarray(-wanted.length)
    }
  }

  return {
    over: (wire) => ({
      ...wire,
      listen: (ears) => {
        const heard = { stdout: ear(wire), stderr: ear(wire) }
        wire.listen({
          stdout: (chunk) => {
            heard.stdout(chunk)
            ears.stdout(chunk)
          },
          stderr: (chunk) => {
            heard.stderr(chunk)
            ears.stderr(chunk)
          },
          closed: (exit) => {
            stop()
            ears.closed(exit)
          },
        })
      },
    }),
    outcome: () => outcome,
    stop,
  }
}

const split = (bytes: Buffer, by: Buffer): readonly Buffer[] => {
  const at = bytes.indexOf(by)
  return at < 0 ? [bytes] : [bytes.subarray(0, at), ...split(bytes.subarray(at + by.length), by)]
}
