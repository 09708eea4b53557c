// start: `khactl --help`, and `khactl plan` up to its first packet, against an empty node.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { run } from '../test/lab/run.js'
import type { Bench, Contestant, Outcome, Sample, Sitting } from './harness/bench.js'
import { contest, contestant } from './harness/contest.js'
import { ratioOf } from './harness/statistics.js'

const program = resolve(import.meta.dirname, '../dist/cli/main.cjs')
/** These are short: more of them cost nothing. */
const rounds = 21

const node = 'node -e 0'
const help = 'khactl --help'
const emptyNode = 'node: connect'
const plan = 'khactl plan'

/** From the start of the process until a connection of its arrives here; then it is ended. */
const firstPacket = async (argsTo: (port: number) => readonly string[], state: string): Promise<Sample> => {
  const server = createServer()
  // Every address of 127.0.0.0/8 is one: each host of the inventory has its own.
  server.listen(0, '0.0.0.0')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const args = argsTo(port)
  const from = performance.now()
  const child = spawn(process.execPath, args, { stdio: 'ignore', env: { ...process.env, XDG_STATE_HOME: state } })
  const gone = once(child, 'close')
  const arrived = new Promise<number>((resolve, reject) => {
    // Nobody reads these, so their end would never be seen.
    server.on('connection', (socket) => {
      resolve(performance.now() - from)
      socket.destroy()
    })
    child.once('close', () => reject(new Error(`${args.join(' ')}: ended before it sent anything`)))
  })
  try {
    return { wallMs: await arrived }
  } finally {
    child.kill('SIGKILL')
    await gone
    server.close()
  }
}

const inventory = (port: number): string => `apiVersion: khactl/v1
cluster:
  name: bench
  version: 1.20.2
  endpoint: { kind: haproxy, vip: 127.0.0.100 }
  cni: none
  packages: { source: host }
ssh: { user: root, key: ./id, knownHosts: ./known_hosts, agent: ignore, port: ${port} }
haproxy: [{ name: haproxy-1, address: 127.0.0.1 }]
masters: [{ name: master-1, address: 127.0.0.2 }]
`

const measure = async (sitting: Sitting): Promise<Outcome> => {
  const folder = mkdtempSync(join(tmpdir(), 'khactl-bench-'))
  const file = join(folder, 'inventory.yaml')
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'id')])
  const planTo = (port: number): readonly string[] => {
    writeFileSync(file, inventory(port))
    return [program, 'plan', file]
  }
  const connectTo = (port: number): readonly string[] => ['-e', `require('net').connect(${port}, '127.0.0.1')`]
  const toFirstPacket = (name: string, argsTo: (port: number) => readonly string[]): Contestant => ({
    name,
    run: () => firstPacket(argsTo, folder),
  })
  try {
    const helped = await contest(
      {
        title: 'start',
        reference: node,
        contestants: [
          contestant(node, { command: [process.execPath, '-e', '0'] }),
          contestant(help, { command: [process.execPath, program, '--help'] }),
        ],
      },
      { ...sitting, rounds: Math.max(rounds, sitting.rounds) },
    )
    const sent = await contest(
      {
        title: 'from the start to the first connection',
        reference: emptyNode,
        contestants: [toFirstPacket(emptyNode, connectTo), toFirstPacket(plan, planTo)],
      },
      { ...sitting, rounds: Math.max(rounds, sitting.rounds) },
    )
    return {
      tables: [helped, sent],
      figures: [
        { name: 'khactl --help against empty node', value: ratioOf(helped, [help, node]), unit: '×', gate: '≤ 1.3' },
        {
          name: 'khactl plan up to the first packet against node that connects',
          value: ratioOf(sent, [plan, emptyNode]),
          unit: '×',
        },
      ],
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

export const start: Bench = { title: 'khactl --help, and khactl plan up to the first packet', run: measure }
