// khactl's two SSH clients on a server of this machine, in turn: logins, requests, and 20 MB each way.
import type { Session } from '../src/model/session.js'
import { createConnector } from '../src/transport/connector.js'
import { removeScratch } from '../test/transport/local-shell.js'
import { startSshd } from '../test/transport/sshd.js'
import type { Bench, Outcome, Sitting, Table } from './harness/bench.js'

const requests = 100
const parts = ['login and root shell', 'a request', '20 MB each way', 'close'] as const
type Part = (typeof parts)[number]
const inUse = ['ssh2', 'system'] as const
type Client = (typeof inUse)[number]

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const before = performance.now()
  await work()
  return performance.now() - before
}
const run = (session: Session, text: string, stdin?: Uint8Array): Promise<unknown> =>
  session.request('own', { script: { parts: [text] }, within: 60_000, ...(stdin ? { stdin } : {}) })

const measure = async ({ rounds, say }: Sitting): Promise<Outcome> => {
  const sshd = await startSshd()
  const environment = { PATH: process.env['PATH'] }
  const load = Buffer.alloc(20_000_000, 'khactl\0\n')
  const times = new Map<string, number[]>()
  const note = (client: Client, part: Part, ms: number): void => {
    const key = `${client}: ${part}`
    times.set(key, [...(times.get(key) ?? []), ms])
  }
  try {
    for (let round = 1; round <= rounds; round += 1) {
      say(`round ${round}`)
      for (const client of inUse) {
        const host = sshd.host({ client })
        const connector = createConnector({ hosts: [host], agentSocket: undefined, environment })
        let session!: Session
        const login = async (): Promise<void> => {
          session = await connector.connect(host.name)
        }
        note(client, 'login and root shell', await timed(login))
        const many = async (): Promise<void> => {
          for (let index = 0; index < requests; index += 1) await run(session, ':')
        }
        note(client, 'a request', (await timed(many)) / requests)
        note(client, '20 MB each way', await timed(() => run(session, 'cat', load)))
        note(client, 'close', await timed(() => connector.closeAll()))
      }
    }
  } finally {
    await sshd.stop()
    removeScratch()
  }
  const samples = (client: Client, part: Part) => (times.get(`${client}: ${part}`) ?? []).map((wallMs) => ({ wallMs }))
  const tables = parts.map((part): Table => ({
    title: `${part}, one host on 127.0.0.1`,
    reference: 'ssh2',
    standings: inUse.map((client) => ({ name: client, samples: samples(client, part) })),
  }))
  return { tables, notes: ['both clients live in the process that measures: no CPU time of their own'] }
}

export const clients: Bench = { title: "khactl's two SSH clients", run: measure }
