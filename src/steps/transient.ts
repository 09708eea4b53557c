// Runs a long command as a transient systemd unit that outlives the connection: started once, waited for, attached to again.
import { randomBytes } from 'node:crypto'
import { shown, wire, type Command } from '../model/command.js'
import { isOutcomeUnknown, KhactlError } from '../model/error.js'
import type { Answer, Ms } from '../model/session.js'
import type { Writer } from '../model/step.js'
import { sh } from '../text/sh.js'
import { jobFolder, lateStatus, waiter } from './transient-script.js'

export interface Job {
  /** The unit is `khactl-NAME`; letters, digits, `-`, `_` and `.`. One name, one job at a time. */
  readonly name: string
  /** Runs under /bin/sh with a clean environment, umask 022, HOME=/root. May hold secrets: it travels in a 0600 file. */
  readonly command: Command
  /** What a person would have typed, for messages; without secrets. Absent: the whole command as shown. */
  readonly summary?: string
  /** Its standard input, kept in a 0600 file while it runs; absent: empty. */
  readonly stdin?: Uint8Array
  /** How long it may take, lost connections included; then the unit is stopped (R-S2). */
  readonly within: Ms
  /** Exit statuses that are no failure; default only 0. */
  readonly expect?: readonly number[]
}

export interface JobOutcome {
  /** `attached`: one of this name was running already; this command was not started. */
  readonly how: 'started' | 'attached'
  readonly status: number
  /** Last lines of its output, both streams. */
  readonly tail: readonly string[]
}

/**
 * Starts the job, or waits for the one of the same name that is under way; its output comes line by line meanwhile. When
 * the connection is lost the wait is taken up again under the same id: the host knows whether the job came to it, so that
 * it runs once whatever happens. Throws `run.detached` when the operator stops the run meanwhile, `job.failed` for an
 * unexpected status, `job.late` when it took longer than `within` and was stopped, `job.unknown` when the unit is gone
 * without a status.
 */
export const transient = async (at: Writer, job: Job): Promise<JobOutcome> => {
  if (!/^[\w.-]+$/.test(job.name)) throw new Error(`not a job name: ${job.name}`)
  const answer = await waitFor(at, job)
  const { how, status, tail } = parse(answer.stdout)
  const details = {
    command: job.summary ?? shown(job.command),
    status: statusOf(status),
    tail,
    exit: 'failed' as const,
  }
  if (answer.status === lateStatus) throw late(at.host, job, details)
  if (details.status === null) throw unknown(at.host, job, { ...details, restarted: status === 'boot' })
  if ((job.expect ?? [0]).includes(details.status)) return { how, status: details.status, tail }
  throw new KhactlError('job.failed', {
    ...details,
    message: reasonIn(tail) ?? `khactl-${job.name} failed on ${at.host} with exit status ${details.status}`,
    hint: `Its whole output is in ${jobFolder}/${job.name}.log on ${at.host}.`,
  })
}

/** The operator stopped the run: what becomes of the job, which does not need us. One that never began is no job. */
const detached = async (
  at: Writer,
  { job: { name, summary = name.replace('-', ' ') }, id, error }: { job: Job; id: string; error: KhactlError },
): Promise<KhactlError> => {
  const unit = `khactl-${name}.service`
  const words = await at
    .run(
      sh`systemctl show -p ActiveState --value ${unit}; grep -qsx ${id} ${`${jobFolder}/${name}.id`} && echo ours; true`,
      { within: 10_000, repeat: 'look' },
    )
    .then(({ stdout }) => stdout.toString('utf8').split(/\s+/))
    .catch(() => null)
  const runs = words?.some((word) => ['active', 'activating', 'deactivating', 'reloading'].includes(word)) ?? false
  if (words !== null && !runs && !words.includes('ours')) return error
  const whether = words === null ? 'could not be asked about' : 'does not run'
  return new KhactlError('run.detached', {
    message: runs
      ? `${summary} goes on on ${at.host} (${unit}); the next run waits for it`
      : `${summary} ${whether} on ${at.host} any more; the next run looks at how it ended`,
    exit: 'interrupted',
  })
}

/** Each loss costs a new connection; more of them than this is no link to work over. */
const mostLosses = 20
/** For the way there and back, and for the host to stop a unit that took too long. */
const grace: Ms = 30_000

const waitFor = async (at: Writer, job: Job): Promise<Answer> => {
  const script = Buffer.from(wire(job.command))
  const stdin = Buffer.concat([script, job.stdin ?? new Uint8Array()])
  const id = randomBytes(8).toString('hex')
  const started = performance.now()
  let lines = 0
  for (let losses = 0; ; losses += 1) {
    const left = job.within - (performance.now() - started)
    // Sent again, it may have to wait for a host that restarts: how long ago the job was begun is measured when it goes out.
    const anew = () => {
      const elapsed = performance.now() - started
      return waiter({
        name: job.name,
        id,
        scriptBytes: script.length,
        secondsLeft: Math.max(0, Math.ceil((job.within - elapsed) / 1000)),
        secondsSince: losses === 0 ? 0 : Math.ceil(elapsed / 1000),
        linesSeen: lines,
      })
    }
    try {
      return await at.run(anew(), {
        anew,
        stdin,
        within: left + grace,
        expect: [0, lateStatus],
        interrupt: 'leave',
        onLine: () => (lines += 1),
      })
    } catch (error) {
      if (error instanceof KhactlError && error.code === 'run.interrupted') throw await detached(at, { job, id, error })
      if (losses > 0 && error instanceof KhactlError && error.code === 'ssh.gone') throw leftAlone(error, job)
      // The wait that did not go out is one for a job that may be under way all the same.
      const isLoss =
        isOutcomeUnknown(error) || (losses > 0 && error instanceof KhactlError && error.code === 'ssh.unsent')
      if (!isLoss || losses >= mostLosses || performance.now() - started >= job.within) throw error
    }
  }
}

const leftAlone = (error: KhactlError, { name }: Job) =>
  new KhactlError(error.code, {
    ...error.details,
    cause: error,
    hint: `khactl-${name} goes on there by itself, if the host runs. Run the same command again: it waits for it.`,
  })

/** A script of ours that knows why it gives up says so last. */
const reasonIn = (tail: readonly string[]): string | null => /^khactl: (.*)$/.exec(tail.at(-1) ?? '')?.[1] ?? null

interface Details {
  readonly command: string
  readonly status: number | null
  readonly tail: readonly string[]
  readonly exit: 'failed'
}

const late = (host: string, job: Job, details: Details) =>
  new KhactlError('job.late', {
    ...details,
    message: `khactl-${job.name} on ${host} has not ended within ${Math.round(job.within / 1000)} s and was stopped`,
    hint: `Its last lines say how far it came; the whole output is in ${jobFolder}/${job.name}.log on ${host}.`,
  })

const unknown = (host: string, job: Job, { restarted, ...details }: Details & { readonly restarted: boolean }) =>
  new KhactlError('job.unknown', {
    ...details,
    message: restarted
      ? `${host} restarted while khactl-${job.name} ran there; how far it came is not known`
      : `khactl-${job.name} on ${host} is gone without an exit status: it was killed`,
    hint: restarted
      ? `Find out why ${host} restarted (journalctl --list-boots, journalctl -b -1), then run the same command again.`
      : `Look at journalctl -u khactl-${job.name} on ${host}, then run the same command again.`,
  })

/** What is no number is no status: `-`, `boot`. */
const statusOf = (said: string): number | null => (/^\d+$/.test(said) ? Number(said) : null)

/** Reads `how`, the status and the tail, which the waiter prints behind a line `@job`. */
const parse = (stdout: Buffer): { how: JobOutcome['how']; status: string; tail: readonly string[] } => {
  const text = stdout.toString('utf8')
  const [head = '', ...lines] = text.slice(text.lastIndexOf('\n@job ') + 1).split('\n')
  const [, how, status = '-'] = head.split(' ')
  return {
    how: how === 'attached' ? 'attached' : 'started',
    status,
    tail: lines.filter((line) => line.trim() !== ''),
  }
}
