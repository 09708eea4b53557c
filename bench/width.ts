// What a no-op costs the operator's machine from one host to a thousand: time, CPU, memory, and the longest tick.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench, Figure, Outcome, Sitting } from './harness/bench.js'
import { median } from './harness/statistics.js'
import { exponentOf } from './width/growth.js'

const widths = [1, 10, 50, 200, 1000]
/** One run over a thousand hosts takes long enough to be steady. */
const roundsAt = (hosts: number, rounds: number): number => (hosts >= 1000 ? Math.min(3, rounds) : rounds)

/** A line of bench/probe.mjs. */
interface Probed {
  readonly wallMs: number
  readonly cpuMs: number
  readonly maxRssMb: number
  /** CPU time of the longest turns of the event loop, the longest first. */
  readonly ticks: readonly { readonly ms: number; readonly at: number }[]
}

const here = (name: string): string => join(import.meta.dirname, 'width', name)

const sit = async (hosts: number, rounds: number): Promise<readonly Probed[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'khactl-width-'))
  const apart = ['--mount', '--net', '--uts', '--ipc', '--pid', '--fork', '--mount-proc', '--kill-child']
  const words = [process.execPath, '--import', 'tsx', here('sitting.ts'), folder, String(hosts), String(rounds)]
  const child = spawn('unshare', [...apart, here('world.sh'), folder, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [told, said] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (told += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const code = await new Promise((done) => child.once('close', done))
  // What was written there went with the namespaces.
  rmSync(folder, { recursive: true, force: true })
  if (code !== 0) throw new Error(`${hosts} hosts: the sitting ended with ${String(code)}\n${said.slice(-2000)}`)
  return told
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Probed)
}

const run = async ({ rounds, say }: Sitting): Promise<Outcome> => {
  const sat: { readonly hosts: number; readonly runs: readonly Probed[] }[] = []
  for (const hosts of widths) {
    say(`${hosts} hosts`)
    sat.push({ hosts, runs: await sit(hosts, roundsAt(hosts, rounds)) })
  }
  const all = sat.map(({ hosts, runs }) => ({
    hosts,
    cpuMs: median(runs.map(({ cpuMs }) => cpuMs)),
    rssMb: median(runs.map(({ maxRssMb }) => maxRssMb)),
    tickMs: median(runs.map(({ ticks }) => ticks[0]?.ms ?? 0)),
  }))
  const start = all[0]?.cpuMs ?? 0
  const figures = all.flatMap(({ hosts, cpuMs, rssMb, tickMs }): readonly Figure[] => [
    { name: `${hosts} hosts: CPU a host, start included`, value: cpuMs / hosts, unit: 'ms' },
    ...(hosts === 1
      ? []
      : [
          {
            name: `${hosts} hosts: CPU of one host more`,
            value: (cpuMs - start) / (hosts - 1),
            unit: 'ms',
            gate: 'at most 15, better 7.5',
          },
        ]),
    {
      name: `${hosts} hosts: most memory`,
      value: rssMb,
      unit: 'MB',
      ...(hosts === 1000 ? { gate: 'at most 400, better 200' } : {}),
    },
    { name: `${hosts} hosts: longest tick, CPU time`, value: tickMs, unit: 'ms', gate: 'at most 50, better 20' },
  ])
  const grown = exponentOf(all.filter(({ hosts }) => hosts >= 10).map(({ hosts, cpuMs }) => [hosts, cpuMs]))
  return {
    tables: [
      {
        title: '`khactl up --stage preflight,prepare` with nothing to do, on stand-ins',
        reference: '10 hosts',
        standings: sat.map(({ hosts, runs }) => ({ name: `${hosts} hosts`, samples: runs })),
      },
    ],
    figures: [
      ...figures,
      { name: 'growth of CPU with hosts, exponent from 10 to 1000', value: grown, unit: '', gate: 'at most 1.05' },
    ],
    notes: [
      'the process of khactl alone; the hosts are one machine behind a real SSH server each (bench/width/)',
      'all stages are looked at; those after prepare stay to be done and are left: what kubeadm makes is not there',
      'ticks: CPU time of the main thread between two firings of a timer of 1 ms, the first ones load programs',
    ],
  }
}

export const width: Bench = { title: 'a no-op from 1 to 1000 hosts', run }
