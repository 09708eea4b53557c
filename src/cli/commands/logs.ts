// khactl logs: the record of a run, readable again; the last one unless another is named.
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { exitCodes, KhactlError } from '../../model/error.js'
import { startOf, loggedRunText } from '../../report/logged-run-text.js'
import { readLoggedRun, type LoggedRun } from '../../report/logged-run.js'
import { duration } from '../../text/say.js'
import { suggest } from '../../text/suggest.js'
import { table } from '../../text/table.js'
import { stateFolder } from '../folders.js'
import type { Io } from '../io.js'

export interface LogsOptions {
  /** `list`: the runs there are, the last one first. */
  readonly what: 'run' | 'list'
  /** A number of the list, or a file; null: the last run. */
  readonly run: string | null
  readonly host: string | null
  readonly output: 'text' | 'json'
  readonly verbosity: 'normal' | 'verbose'
}

interface Found {
  readonly file: string
  readonly text: string
  readonly run: LoggedRun
}

export const logs = async (options: LogsOptions, io: Io): Promise<number> => {
  const folder = resolve(stateFolder(io), 'runs')
  if (options.what === 'list') {
    const found = (await Promise.all((await files(folder)).map(read))).flatMap((one) => one ?? [])
    io.stdout.write(options.output === 'json' ? listJson(found) : listText(found, folder))
    return exitCodes.ok
  }
  const found = await chosen(options, { folder, io })
  const hosts = hostsOf(found.run)
  if (options.host !== null && !hosts.includes(options.host)) throw noHost(options.host, hosts)
  const { host, verbosity } = options
  if (options.output === 'json') io.stdout.write(jsonLines(found.text, host))
  else io.stdout.write(loggedRunText(found.run, { host, verbosity, file: found.file }))
  return exitCodes.ok
}

/** The last one first; names begin with the time. */
const files = async (folder: string): Promise<readonly string[]> => {
  const names = await readdir(folder).catch(() => [])
  const logs = names.filter((name) => /^\d{4}-\d\d-\d\dT.*\.log$/.test(name))
  return logs
    .sort()
    .toReversed()
    .map((name) => join(folder, name))
}

const read = async (file: string): Promise<Found | null> => {
  const text = await readFile(file, 'utf8').catch(() => null)
  const run = text === null ? null : readLoggedRun(text)
  return text === null || run === null ? null : { file, text, run }
}

const chosen = async (
  { run: wanted }: LogsOptions,
  { folder, io }: { readonly folder: string; readonly io: Io },
): Promise<Found> => {
  const isNumber = wanted === null || /^\d+$/.test(wanted)
  const all = isNumber ? await files(folder) : []
  const file = isNumber ? all[Number(wanted ?? 1) - 1] : resolve(io.cwd, wanted)
  const found = file === undefined ? null : await read(file)
  if (found !== null) return found
  if (file !== undefined)
    throw new KhactlError('logs.unreadable', { message: `${file} is not the log of a run`, exit: 'usage' })
  if (all.length === 0)
    throw new KhactlError('logs.none', { message: `no run is recorded yet in ${folder}`, exit: 'failed' })
  throw new KhactlError('logs.number', {
    message: `there is no run ${wanted}: ${all.length} are recorded`,
    exit: 'usage',
    hint: 'khactl logs --list shows them; 1 is the last one.',
  })
}

const hostsOf = ({ events }: LoggedRun): readonly string[] => [
  ...new Set(
    events.flatMap((event) => {
      if (event.type === 'run-started') return event.hosts ?? []
      return 'host' in event && event.host !== undefined ? [event.host] : []
    }),
  ),
]

const noHost = (host: string, hosts: readonly string[]): KhactlError => {
  const near = suggest(host, hosts)
  return new KhactlError('logs.host', {
    message: `${host} was no part of that run`,
    exit: 'usage',
    hint: near === null ? `Its hosts were: ${hosts.join(', ')}.` : `Did you mean ${near}?`,
  })
}

/** As they were logged. */
const jsonLines = (text: string, host: string | null): string =>
  text
    .split('\n')
    .filter((line) => {
      if (line === '' || host === null) return line !== ''
      const { event } = eventIn(line)
      return event?.host === undefined || event.host === host
    })
    .map((line) => `${line}\n`)
    .join('')

const listText = (found: readonly Found[], folder: string): string => {
  if (found.length === 0) return `No run is recorded yet in ${folder}.\n`
  const rows = found.map(({ run }, index) => [
    String(index + 1),
    startOf(run),
    duration(run.ended - run.started),
    run.exit ?? 'no end',
    run.again,
  ])
  const columns = [{ align: 'right' as const }, { align: 'left' as const }, { align: 'right' as const }]
  return `${table([['', 'started', 'took', 'ended', 'command'], ...rows], { columns }).join('\n')}\n`
}

const listJson = (found: readonly Found[]): string =>
  found
    .map(({ file, run: { started, ended, command, again, exit } }) =>
      JSON.stringify({ file, started, ended, command, again, exit }),
    )
    .map((line) => `${line}\n`)
    .join('')

/** A run that was killed may have left half a line. */
const eventIn = (line: string): { readonly event?: { readonly host?: string } } => {
  try {
    return JSON.parse(line) as { event?: { host?: string } }
  } catch {
    return {}
  }
}
