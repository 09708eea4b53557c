// The one question khactl asks before anything is changed: yes or no; or, where all is given up, a name to type.
import { createInterface } from 'node:readline/promises'
import { KhactlError } from '../model/error.js'
import type { Io } from './io.js'

export type Reply = 'yes' | 'no' | 'interrupted'

/** Throws KhactlError `cli.no-terminal` where nobody can answer. Anything but `y` or `yes` is no; so is the end of input. */
export const ask = async (
  question: string,
  {
    io,
    signal,
    word,
    instead = '--yes',
  }: {
    readonly io: Pick<Io, 'stdin' | 'stderr'>
    readonly signal?: AbortSignal
    /** What has to be typed; absent: y or yes. */
    readonly word?: string
    /** The option that answers where nobody can. */
    readonly instead?: string
  },
): Promise<Reply> => {
  if (io.stdin.isTTY !== true || io.stderr.isTTY !== true)
    throw new KhactlError('cli.no-terminal', {
      message: 'There are changes to make, and no terminal to ask on.',
      exit: 'usage',
      hint: `Read the plan (khactl plan), then run the same command with ${instead}.`,
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
    const answer = await Promise.race([
      lines.question(`${question} ${word === undefined ? '[y/N] ' : ''}`, { signal: leave.signal }),
      ended,
    ])
    const meant = word === undefined ? /^\s*y(es)?\s*$/i.test(answer) : answer.trim() === word
    return meant ? 'yes' : 'no'
  } catch (error) {
    if (!leave.signal.aborted) throw error
    io.stderr.write('\n')
    return 'interrupted'
  } finally {
    signal?.removeEventListener('abort', stop)
    lines.close()
  }
}
