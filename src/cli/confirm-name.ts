// The consent to what cannot be undone: the cluster's name, typed by a person or given with --confirm.
import { createInterface } from 'node:readline/promises'
import { KhactlError } from '../model/error.js'
import type { Reply } from './ask.js'
import type { Io } from './io.js'

export interface Confirmation {
  readonly io: Pick<Io, 'stdin' | 'stderr'>
  readonly signal?: AbortSignal
  /** Of the cluster. */
  readonly name: string
  /** With --confirm; null: it is asked for. --yes is not enough. */
  readonly given: string | null
}

/** Throws KhactlError `cli.confirm` for another name given, `cli.no-terminal` where nobody can type it. */
export const confirmName = async (question: string, of: Confirmation): Promise<Reply> => {
  const { io, signal, name, given } = of
  if (given === name) return 'yes'
  if (given !== null)
    throw new KhactlError('cli.confirm', {
      message: `--confirm says ${given}, the inventory's cluster is ${name}`,
      exit: 'usage',
      hint: 'Nothing was changed. Give the name of the cluster that is meant, and its inventory.',
    })
  if (io.stdin.isTTY !== true || io.stderr.isTTY !== true)
    throw new KhactlError('cli.no-terminal', {
      message: `This is done only after the cluster's name was typed, and there is no terminal to ask on.`,
      exit: 'usage',
      hint: `Read the plan (--dry-run), then run the same command with --confirm ${name}.`,
    })
  const typed = await line(`${question}\nType the cluster's name (${name}) to go on: `, {
    io,
    ...(signal && { signal }),
  })
  if (typed === null) return 'interrupted'
  return typed.trim() === name ? 'yes' : 'no'
}

/** null: interrupted. The end of input is an empty line. */
const line = async (
  question: string,
  { io, signal }: { readonly io: Confirmation['io']; readonly signal?: AbortSignal },
): Promise<string | null> => {
  if (signal?.aborted) return null
  const output = io.stderr as unknown as NodeJS.WritableStream
  const lines = createInterface({ input: io.stdin, output, terminal: true })
  const leave = new AbortController()
  const stop = (): void => leave.abort()
  lines.on('SIGINT', stop)
  signal?.addEventListener('abort', stop)
  try {
    const ended = new Promise<string>((end) => lines.once('close', () => end('')))
    return await Promise.race([lines.question(question, { signal: leave.signal }), ended])
  } catch (error) {
    if (!leave.signal.aborted) throw error
    io.stderr.write('\n')
    return null
  } finally {
    signal?.removeEventListener('abort', stop)
    lines.close()
  }
}
