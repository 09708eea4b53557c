// Times khactl's two SSH clients on a server of this machine, in turn: logins, requests, and 20 MB each way.
import type { Session } from '../src/model/session.js'
import { createConnector } from '../src/transport/connector.js'
import { removeScratch } from '../test/transport/local-shell.js'
import { startSshd } from '../test/transport/sshd.js'

const rounds = 7
const requests = 100

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const before = performance.now()
  await work()
  return performance.now() - before
}
const run = (session: Session, text: string, stdin?: Uint8Array): Promise<unknown> =>
  session.request('own', { script: { parts: [text] }, within: 60_000, ...(stdin ? { stdin } : {}) })

const sshd = await startSshd()
const environment = { PATH: process.env['PATH'] }
const load = Buffer.alloc(20_000_000, 'khactl\0\n')
const samples = new Map<string, number[]>()
const note = (name: string, ms: number): void => void samples.set(name, [...(samples.get(name) ?? []), ms])

for (let round = 0; round < rounds; round += 1)
  for (const client of ['ssh2', 'system'] as const) {
    const host = sshd.host({ client })
    const connector = createConnector({ hosts: [host], agentSocket: undefined, environment })
    let session!: Session
    note(
      `${client}: login and root shell`,
      await timed(async () => {
        session = await connector.connect(host.name)
      }),
    )
    const many = async (): Promise<void> => {
      for (let index = 0; index < requests; index += 1) await run(session, ':')
    }
    note(`${client}: a request`, (await timed(many)) / requests)
    note(`${client}: 20 MB each way`, await timed(() => run(session, 'cat', load)))
    note(`${client}: close`, await timed(() => connector.closeAll()))
  }
await sshd.stop()
removeScratch()

console.log(`one host on 127.0.0.1, ${rounds} rounds in turn, milliseconds`)
for (const [name, times] of [...samples].toSorted(([a], [b]) =>
  (a.split(': ')[1] ?? '').localeCompare(b.split(': ')[1] ?? ''),
)) {
  const [min, median = 0] = [Math.min(...times), times.toSorted((a, b) => a - b)[Math.floor(rounds / 2)]]
  console.log(`${name.padEnd(32)} min ${min.toFixed(1).padStart(7)}  median ${median.toFixed(1).padStart(7)}`)
}
