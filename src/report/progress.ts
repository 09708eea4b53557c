// Which way of showing progress fits: a tree on a terminal, lines elsewhere, JSON for programs.
import type { Ms } from '../model/session.js'
import type { Sink } from './bus.js'
import { createLinesSink } from './lines.js'
import { createNdjsonSink } from './ndjson.js'
import { createStyle, wantsColour } from './style.js'

export type ProgressKind = 'tree' | 'lines' | 'json'

interface ProgressStream {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  readonly rows?: number | undefined
}

export interface Circumstances {
  readonly stream: ProgressStream
  readonly env: Readonly<Record<string, string | undefined>>
  readonly output: 'text' | 'json'
}

/** A pseudo-terminal in CI often has no width; below 40 columns a tree says nothing (R-U3). */
export const progressKind = ({ stream, env, output }: Circumstances): ProgressKind => {
  if (output === 'json') return 'json'
  const ci = (env['CI'] ?? '') !== '' && env['CI'] !== 'false'
  const roomy = (stream.columns ?? 0) >= 40 && (stream.rows ?? 0) >= 8
  return stream.isTTY === true && !ci && roomy && env['TERM'] !== 'dumb' ? 'tree' : 'lines'
}

export interface ProgressOptions extends Circumstances {
  readonly now: () => Ms
  readonly verbosity: 'normal' | 'verbose'
  /** --no-color */
  readonly colour: 'auto' | 'never'
}

/** listr2 is loaded only for the tree. */
export const openProgress = async (options: ProgressOptions): Promise<Sink> => {
  const { stream, env, colour, now, verbosity } = options
  switch (progressKind(options)) {
    case 'json':
      return createNdjsonSink(stream)
    case 'lines':
      return createLinesSink({ stream, now, verbosity })
    case 'tree': {
      const { createTtySink } = await import('./tty.js')
      const style = createStyle(wantsColour(stream, { env, flag: colour }))
      return createTtySink({ stream, now, verbosity, style, marks: marksFor(env) })
    }
  }
}

/** Characters of UTF-8 only where the locale has them; the Linux console's font has no ticks. */
const marksFor = (env: Circumstances['env']): 'unicode' | 'ascii' => {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''
  return /utf-?8/i.test(locale) && env['TERM'] !== 'linux' ? 'unicode' : 'ascii'
}
