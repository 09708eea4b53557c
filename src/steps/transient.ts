// Runs a long command as a transient systemd unit that outlives the connection: it is started once, and waited for.
import { shown, wire, type Command } from '../model/command.js'
import { KhactlError } from '../model/error.js'
import type { Ms } from '../model/session.js'
import type { Writer } from '../model/step.js'
import { raw, sh } from '../text/sh.js'

export interface Job {
  /** The unit is `khactl-NAME`; letters, digits, `-`, `_` and `.`. One name, one job at a time. */
  readonly name: string
  /** Runs under /bin/sh with a clean environment, umask 022, HOME=/root. May hold secrets: it travels in a 0600 file. */
  readonly command: Command
  /** What a person would have typed, for messages; without secrets. Absent: the whole command as shown. */
  readonly summary?: string
  /** Its standard input, kept in a 0600 file while it runs; absent: empty. */
  readonly stdin?: Uint8Array
  /** How long to wait here. The job itself is never killed: past this time it goes on, and the outcome is unknown. */
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
 * Root-only; per job: NAME.log (both streams), NAME.status (exit status, there once it ended), NAME.sh and NAME.in (gone
 * once it ended). A status without a running unit is the outcome of the last job; a job that left none was killed.
 */
const jobFolder = '/run/khactl/run'
const tailLines = 40

/**
 * Starts the job, or waits for the one of the same name that is under way; its output comes line by line meanwhile.
 * Throws `run.detached` when the operator stops the run meanwhile, `job.failed` for an unexpected status, `job.unknown` when the unit is gone without one, `job.late` after `within`.
 */
export const transient = async (at: Writer, job: Job): Promise<JobOutcome> => {
  if (!/^[\w.-]+$/.test(job.name)) throw new Error(`not a job name: ${job.name}`)
  const script = Buffer.from(wire(job.command))
  const input = job.stdin ?? new Uint8Array()
  const seconds = Math.ceil(job.within / 1000)
  const answer = await at
    .run(waiter({ name: job.name, scriptBytes: script.length, seconds }), {
      stdin: Buffer.concat([script, input]),
      within: job.within + 30_000,
      expect: [0, lateStatus],
      interrupt: 'leave',
    })
    .catch(async (error: unknown) => {
      throw error instanceof KhactlError && error.code === 'run.interrupted' ? await detached(at, job) : error
    })
  const { how, status, tail } = parse(answer.stdout)
  const details = { command: job.summary ?? shown(job.command), status, tail, exit: 'failed' as const }
  if (answer.status === lateStatus) throw late(at.host, job, details)
  if (status === null)
    throw new KhactlError('job.unknown', {
      ...details,
      message: `khactl-${job.name} on ${at.host} is gone without an exit status: it was killed, or the host restarted`,
      hint: `Look at journalctl -u khactl-${job.name} on ${at.host}, then run the same command again.`,
    })
  if ((job.expect ?? [0]).includes(status)) return { how, status, tail }
  throw new KhactlError('job.failed', {
    ...details,
    message: reasonIn(tail) ?? `khactl-${job.name} failed on ${at.host} with exit status ${status}`,
    hint: `Its whole output is in ${jobFolder}/${job.name}.log on ${at.host}.`,
  })
}

/** The operator stopped the run: what becomes of the job, which does not need us. */
const detached = async (at: Writer, { name, summary = name.replace('-', ' ') }: Job): Promise<KhactlError> => {
  const unit = `khactl-${name}.service`
  const state = await at.run(sh`systemctl show -p ActiveState --value ${unit}`, { within: 10_000 })
  const runs = /^(active|activating|deactivating|reloading)\s*$/.test(state.stdout.toString('utf8'))
  return new KhactlError('run.detached', {
    message: runs
      ? `${summary} goes on on ${at.host} (${unit}); the next run waits for it`
      : `${summary} does not run on ${at.host} any more; the next run looks at how it ended`,
    exit: 'interrupted',
  })
}

/** A script of ours that knows why it gives up says so last. */
const reasonIn = (tail: readonly string[]): string | null => /^khactl: (.*)$/.exec(tail.at(-1) ?? '')?.[1] ?? null

const late = (host: string, job: Job, details: { tail: readonly string[] }) =>
  new KhactlError('job.late', {
    ...details,
    message: `khactl-${job.name} on ${host} has not ended within ${Math.round(job.within / 1000)} s`,
    exit: 'failed',
    hint: `It goes on in the background. Wait for it (systemctl status khactl-${job.name}) and run the same command again.`,
  })

const lateStatus = 75

/** Reads `how`, the status and the tail, which the waiter prints behind a line `@job`. */
const parse = (stdout: Buffer): { how: JobOutcome['how']; status: number | null; tail: readonly string[] } => {
  const text = stdout.toString('utf8')
  const [head = '', ...lines] = text.slice(text.lastIndexOf('\n@job ') + 1).split('\n')
  const [, how, status] = head.split(' ')
  return {
    how: how === 'attached' ? 'attached' : 'started',
    status: status === undefined || status === '-' ? null : Number(status),
    tail: lines.filter((line) => line.trim() !== ''),
  }
}

const waiter = (of: { name: string; scriptBytes: number; seconds: number }): Command => sh`
n=${of.name} u=khactl-${raw(of.name)}.service d=${jobFolder} bytes=${of.scriptBytes} left=${of.seconds}
${raw(waiterBody)}`

// Half a script must not run: the size is compared. systemd-run returns once the unit is started; what ends the wait is
// the status file, so that a second khactl can wait for the same job. `tail -f` is for people only, its end may be cut.
const waiterBody = `
umask 077
mkdir -p "$d" && chmod 700 /run/khactl "$d" || exit 1
state() { systemctl show -p ActiveState --value "$u"; }
runs() { case $(state) in active|activating|deactivating|reloading) true;; *) false;; esac; }
if runs; then how=attached; cat >/dev/null
else
  how=started
  rm -f "$d/$n.log" "$d/$n.status" "$d/$n.sh" "$d/$n.in"
  dd bs="$bytes" count=1 iflag=fullblock of="$d/$n.sh" 2>/dev/null && cat >"$d/$n.in" || exit 1
  [ "$(wc -c <"$d/$n.sh")" -eq "$bytes" ] || { echo 'the script did not arrive whole' >&2; exit 1; }
  : >"$d/$n.log"
  systemctl reset-failed "$u" 2>/dev/null
  systemd-run --quiet --collect --unit="$u" --description="khactl: $n" --property=TasksMax=infinity \\
    --property="ExecStopPost=-/bin/rm -f $d/$n.sh $d/$n.in" \\
    -- /bin/sh -c '
      export LC_ALL=C TZ=UTC HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
      umask 022; unset INVOCATION_ID JOURNAL_STREAM SYSTEMD_EXEC_PID MAINPID
      /bin/sh "$1.sh" <"$1.in" >>"$1.log" 2>&1; c=$?
      umask 077; rm -f "$1.sh" "$1.in"; echo "$c" >"$1.part" && mv -f "$1.part" "$1.status"' khactl "$d/$n" </dev/null || exit 1
fi
tail -n +1 -f "$d/$n.log" 2>/dev/null & t=$!
end=$(($(date +%s)+left)) i=0 c=
while [ ! -s "$d/$n.status" ]; do
  sleep 0.2; i=$((i+1))
  if [ $((i%25)) -eq 0 ]; then
    runs || [ -s "$d/$n.status" ] || { c=-; break; }
    [ "$(date +%s)" -lt "$end" ] || { c=late; break; }
  fi
done
kill "$t" 2>/dev/null
[ -n "$c" ] || read -r c <"$d/$n.status"
[ "$c" = late ] && x=${lateStatus} c=- || x=0
printf '\\n@job %s %s\\n' "$how" "$c"; tail -n ${tailLines} "$d/$n.log"
exit "$x"`
