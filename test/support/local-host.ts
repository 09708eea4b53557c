// A host for tests that is this machine's own /bin/sh: looks, and applies steps for real.
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { question, type Manner } from '../../src/facts/ask.js'
import { shown, wire, type Command } from '../../src/model/command.js'
import { KhactlError } from '../../src/model/error.js'
import type { Fact, Seen } from '../../src/model/fact.js'
import type { HostName } from '../../src/model/host.js'
import type { Look } from '../../src/model/look.js'
import type { Answer } from '../../src/model/session.js'
import type { Intent, RunOptions, Step, Writer, Writers } from '../../src/model/step.js'

export interface TestHost {
  readonly name: HostName
  readonly send: (command: Command, options: RunOptions) => Answer
  /** What writers use; the same as send, for tests that cut the link. */
  readonly change: (command: Command, options: RunOptions) => Answer
  /** Commands that went to the host through a writer, as shown. */
  readonly commands: string[]
  /** Requests made by looks. */
  rounds: number
}

const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
  HOME: '/dev/null',
}

/** Runs each script in a shell of its own; `argv` reaches the shell (default: `/bin/sh`), e.g. `['ssh', …]`. */
export const createHost = (argv: readonly string[] = []): TestHost => {
  const [program = 'env', ...args] = [...argv, 'env', '-i', ...Object.entries(environment).map(([k, v]) => `${k}=${v}`)]
  const send: TestHost['send'] = (command, options) => {
    // Length first, then the script, then its input: what the transport does in more rounds.
    const script = Buffer.from(wire(command))
    const loader = `s=$(dd bs=${script.length} count=1 iflag=fullblock 2>/dev/null; echo x); eval "\${s%x}"`
    const words = [...args, '/bin/sh', '-c', argv.length === 0 ? loader : `'${loader}'`]
    const result = spawnSync(program, words, {
      input: Buffer.concat([script, options.stdin ?? Buffer.alloc(0)]),
      timeout: Math.ceil(options.within ?? 60_000),
      maxBuffer: 64 * 1024 * 1024,
    })
    return { status: result.status ?? 124, stdout: result.stdout, stderr: result.stderr }
  }
  return { name: 'test' as HostName, commands: [], rounds: 0, send, change: send }
}

/** Looks in as many rounds as the look needs, at most four. */
export const observe = <S>(host: TestHost, look: Look<S>): Seen<S> => {
  const seen = new Map<string, Seen<unknown>>()
  for (let round = 0; round < 5; round += 1) {
    const reading = look.read({ get: <V>(one: Fact<V>) => seen.get(one.key) as Seen<V> | undefined })
    if (reading.status !== 'needs') return reading
    for (const place of [host, createHost()]) {
      const facts = reading.facts.filter(({ at }) => (at === 'operator') === (place !== host))
      if (facts.length === 0) continue
      place.rounds += 1
      for (const [key, value] of answered(place, facts)) seen.set(key, value)
    }
  }
  throw new Error('a look needs more than four rounds')
}

/** As the product asks: together, then apart what that left unanswered. */
export const answered = (host: TestHost, facts: readonly Fact<unknown>[]): ReadonlyMap<string, Seen<unknown>> => {
  const asked = (rest: readonly Fact<unknown>[], manner: Manner) => {
    const { script, within, read } = question(rest, { nonce: randomBytes(8).toString('hex'), manner })
    const from = Date.now()
    const answer = host.send(script, { within })
    return read(answer, { from, to: Date.now() })
  }
  const seen = asked(facts, 'together')
  const rest = facts.filter(({ key }) => !seen.has(key))
  return rest.length === 0 ? seen : new Map([...seen, ...asked(rest, 'apart')])
}

export const intentOf = (host: TestHost, step: Step): Intent => {
  const seen = observe(host, step.look)
  if (seen.status === 'known') return seen.state
  throw new Error(`${step.id}: ${seen.status === 'unreadable' ? seen.why : seen.status}`)
}

export const writersOf = (host: TestHost): Writers => ({
  self: writerOf(host),
  at: (ref) => Promise.resolve(writerOf(ref === 'operator' ? createHost() : host)),
})

const writerOf = (host: TestHost): Writer => ({
  host: host.name,
  run: (command, options = {}) => {
    host.commands.push(shown(command))
    const answer = host.change(command, options)
    if ((options.expect ?? [0]).includes(answer.status)) return Promise.resolve(answer)
    return Promise.reject(
      new KhactlError('step.command', {
        message: `a command failed with exit status ${answer.status}: ${answer.stderr.toString('utf8')}`,
        exit: 'failed',
        command: shown(command),
        status: answer.status,
      }),
    )
  },
})
