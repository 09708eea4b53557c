// The one question khactl asks: yes or no, before anything is changed.
import { createInterface } from 'node:readline/promises'
import { KhactlError } from '../model/error.js'
import type { Io } from './io.js'

export type Reply = 'yes' | 'no' | 'interrupted'

/** Throws KhactlError `cli.no-terminal` where nobody can answer. Anything but `y` or `yes` is no; so is the end of input. */
export const ask = async (
  question: string,
  { io, signal }: { readonly io: Pick<Io, 'stdin' | 'stderr'>; readonly signal?: AbortSignal },
): Promise<Reply> => {
  if (io.stdin.isTTY !== true || io.stderr.isTTY !== true)
    throw new KhactlError('cli.no-terminal', {
      message: 'There are changes to make, and no terminal to ask on.',
      exit: 'usage',
      hint: 'Read the plan (khactl plan), then run the same command with --yes.',
    })
  if (signal?.aborted) return 'interrupted'
  const lines = createInterface({
    input: io.stdin,
    output: io.stderr as unknown as NodeJS.WritableStream,
    terminal: true,
  })
  const leave = new AbortController()
  const stop = (): void => leave.abort()
  lines.on('SIGINT', stop)
  signal?.addEventListener('abort', stop)
  try {
    const ended = new Promise<string>((end) => lines.once('close', () => end('')))
    const answer = await Promise.race([lines.question(`${question} [y/N] `, { signal: leave.signal }), ended])
    return /^\s*y(es)?\s*$/i.test(answer) ? 'yes' : 'no'
  } catch (error) {
    if (!leave.signal.aborted) throw error
    io.stderr.write('\n')
    return 'interrupted'
  } finally {
    signal?.removeEventListener('abort', stop)
    lines.close()
  }
}
