// Many hosts in one process: a real SSH server for each, and behind them one sh that is asked each distinct question once.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import ssh2, { type AuthContext, type Connection, type ServerChannel, type Session } from 'ssh2'
import { headerBytes, marks } from '../../src/transport/frame.js'
import type { Answer } from '../../src/model/session.js'
import { asOf, modelOf, type Standing } from './standing.js'

interface StandIns {
  readonly port: number
  readonly hostKey: string
  readonly hosts: readonly Standing[]
}

const { Server } = ssh2

/** By what it says of the model host; each is run once. */
const answers = new Map<string, Promise<Kept>>()

interface Kept extends Answer {
  readonly at: number
}

/** A run that took a lock changes things: then nothing is served from memory, and what was is forgotten. */
let answering: 'from memory' | 'live' = 'from memory'

const answerOf = (script: string, stdin: Buffer, host: Standing): Promise<Answer> => {
  const { text, nonces } = modelOf(script, host)
  const answer = answers.get(text) ?? runOnce(text, stdin)
  if (answering === 'from memory') answers.set(text, answer)
  return answer.then(({ status, stdout, stderr, at }) => ({
    status,
    stdout: asOf(stdout, { host, nonces, at }),
    stderr: asOf(stderr, { host, nonces, at }),
  }))
}

const runOnce = (script: string, stdin: Buffer): Promise<Kept> =>
  new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', 'eval "$(cat <&3)"'], { stdio: ['pipe', 'pipe', 'pipe', 'pipe'], env })
    const [out, err]: [Buffer[], Buffer[]] = [[], []]
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('close', (status) =>
      resolve({ status: status ?? 124, stdout: Buffer.concat(out), stderr: Buffer.concat(err), at: Date.now() }),
    )
    child.stdin.on('error', () => undefined).end(stdin)
    const feed = child.stdio[3] as NodeJS.WritableStream
    feed.on('error', () => undefined)
    feed.end(script)
  })

const env = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
  HOME: '/dev/null',
}

/** The loop of src/transport/root-shell.ts, as far as a run that goes well uses it. */
const serveShell = (channel: ServerChannel, command: string, host: Standing): void => {
  const ready = / khactl ([0-9a-f]{16}) /.exec(command)?.[1]
  if (ready === undefined) {
    channel.exit(0)
    channel.end()
    return
  }
  let held: Buffer = Buffer.alloc(0)
  let turn: Promise<unknown> = Promise.resolve()
  channel.write(marks(ready).ready)
  channel.on('data', (chunk: Buffer) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    while (held.length >= headerBytes) {
      const [verb = '', nonce = '', script = '0', stdin = '0'] = held.toString('latin1', 0, headerBytes).split(' ')
      const [from, to] = [headerBytes + Number(script), headerBytes + Number(script) + Number(stdin)]
      if (held.length < to) return
      const text = held.toString('utf8', headerBytes, from)
      const input = held.subarray(from, to)
      held = held.subarray(to)
      if (verb === 'ping' || verb === 'kill') continue
      if (verb === 'lock') {
        answering = 'live'
        answers.clear()
      }
      const idle = { status: 0, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) }
      const answered = verb === 'run' ? answerOf(text, input, host) : Promise.resolve(idle)
      turn = turn.then(() => answered).then((answer) => say(channel, { nonce, answer }))
    }
  })
  channel.on('end', () => {
    channel.exit(0)
    channel.end()
  })
}

const say = (channel: ServerChannel, { nonce, answer }: { nonce: string; answer: Answer }): void => {
  const { start, end } = marks(nonce)
  const status = Buffer.from(`${end}${String(answer.status).padStart(3, '0')}\n`)
  channel.write(Buffer.concat([Buffer.from(start), answer.stdout, status]))
  channel.stderr.write(Buffer.concat([Buffer.from(start), answer.stderr, status]))
}

let connected = 0

const serve = (client: Connection, host: Standing): void => {
  client.on('authentication', (attempt: AuthContext) =>
    attempt.method === 'publickey' ? attempt.accept() : attempt.reject(['publickey']),
  )
  client.on('error', () => undefined)
  connected += 1
  client.on('close', () => {
    connected -= 1
    if (connected === 0) answering = 'from memory'
  })
  client.on('ready', () =>
    client.on('session', (accept) => {
      const session: Session = accept()
      session.on('exec', (take, _refuse, { command }) => serveShell(take(), command, host))
    }),
  )
}

const { port, hostKey, hosts } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as StandIns
await Promise.all(
  hosts.map(
    (host) =>
      new Promise<void>((listening) => {
        new Server({ hostKeys: [hostKey] }, (client) => serve(client, host)).listen(port, host.address, listening)
      }),
  ),
)
// The registry of the inventory: what a host asks of it is whether it is there.
createServer((_, reply) => reply.end('{}')).listen(5000)
console.log('ready')
process.stdin.resume().on('end', () => process.exit())
