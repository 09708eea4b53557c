// What hosts print while a command runs on all of them: `host │ line` for people, one JSON object a line for programs.
import { plainLine } from '../text/plain.js'
import { displayWidth, padEnd } from '../text/width.js'
import { dispatch, type Sink, type Stamped } from './bus.js'
import { failureLines } from './error-text.js'
import type { Style } from './style.js'

export interface HostLinesOptions {
  readonly hosts: readonly string[]
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown; readonly columns?: number | undefined }
  readonly output: 'text' | 'json'
  /** Of stdout, and of stderr. */
  readonly style: { readonly stdout: Style; readonly stderr: Style }
}

const tones = ['cyan', 'green', 'magenta', 'yellow'] as const

/** A host keeps its colour, so that lines of hosts that print at once can be told apart. */
export const createHostLinesSink = ({ hosts, stdout, stderr, output, style }: HostLinesOptions): Sink => {
  const width = Math.max(0, ...hosts.map((host) => displayWidth(plainLine(host))))
  const prefix = (host: string): string => {
    const tone = tones[Math.max(0, hosts.indexOf(host)) % tones.length] ?? 'cyan'
    return style.stdout[tone](`${padEnd(plainLine(host), width)} │`)
  }
  const text = (event: Stamped): void => {
    dispatch(event, {
      output: ({ host, line }) => void stdout.write(`${prefix(host)} ${line}`.trimEnd() + '\n'),
      failure: ({ host, failure }) => {
        const place = host === undefined ? {} : { host }
        const lines = failureLines(failure, { place, style: style.stderr, columns: stderr.columns })
        stderr.write(`${lines.join('\n')}\n`)
      },
    })
  }
  const json = (event: Stamped): void => {
    const said = dispatch<unknown>(event, {
      output: ({ host, line }) => ({ host, line }),
      'command-ended': ({ host, status, tookMs }) => ({ host, status, tookMs: Math.round(tookMs) }),
      failure: ({ host, failure: { code, message } }) => ({ host, failure: { code, message } }),
    })
    if (said !== undefined) stdout.write(`${JSON.stringify(said)}\n`)
  }
  return { name: 'host lines', take: output === 'json' ? json : text }
}
