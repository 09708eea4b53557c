// fresh: `khactl up` on seven bare hosts against a bare script that makes the same cluster; a new lab for every run.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { membersOf, serversOf } from '../test/e2e/support/cluster.js'
import { eventually, freshLab, khactlProgram, type Lab } from '../test/e2e/support/lab.js'
import { controllerNamespace } from '../test/lab/network.js'
import { bareEnvironment } from './fresh-files.js'
import type { Bench, Contestant, Sample } from './harness/bench.js'
import { contest } from './harness/contest.js'
import { timed, type Timed } from './harness/process.js'
import { ratioOf } from './harness/statistics.js'

const name = process.env['KHACTL_LAB'] ?? 'bench'
const script = join(import.meta.dirname, 'peers/bare-up.sh')
const haproxies = ['haproxy-1', 'haproxy-2']
const gate = '≤ 1.10'

export const fresh: Bench = {
  title: 'from seven bare hosts to a cluster of three masters and two workers',
  run: async (sitting) => {
    const folder = mkdtempSync(join(tmpdir(), 'khactl-bench-fresh-'))
    try {
      const table = await contest(
        {
          title: 'fresh lab each, in turn',
          reference: 'bare script',
          contestants: contestants(folder, sitting.say),
          warmUp: 'none',
        },
        sitting,
      )
      const ratio = ratioOf(table, ['khactl up', 'bare script'])
      return {
        tables: [table],
        figures: [{ name: 'khactl up against the bare script', value: ratio, unit: '×', gate }],
        notes,
      }
    } finally {
      await freshLab(name, 'ha').then((lab) => lab.lab('down'))
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

const notes = [
  'The script knows what works on these hosts: it looks at nothing, checks nothing, mends nothing and asks nobody; it ends when every node is Ready. Its files are those that khactl wrote.',
  'khactl up also makes two plans, looks for what would go wrong, takes locks, and proves the endpoint, etcd and the control plane.',
]

/** khactl comes first in the first round: the script gets its files. */
const contestants = (folder: string, say: (line: string) => void): readonly Contestant[] => {
  let lab: Lab | undefined
  const files = join(folder, 'files')
  let environment: Readonly<Record<string, string>> | undefined
  const before = async (): Promise<void> => void (lab = await freshLab(name, 'ha'))
  const on = async (of: Omit<Timed, 'network'>): Promise<Sample & { stdout: string }> =>
    timed({ ...of, network: controllerNamespace(name) })
  return [
    {
      name: 'khactl up',
      before,
      run: async () => {
        if (!lab) throw new Error('no lab')
        const sample = await on({ command: [process.execPath, khactlProgram, 'up', lab.inventory, '--yes', '--json'] })
        writeFileSync(join(tmpdir(), 'khactl-bench-fresh.ndjson'), sample.stdout)
        environment ??= await bareEnvironment(lab, files)
        await prove(lab, say)
        return sample
      },
    },
    {
      name: 'bare script',
      before,
      run: async () => {
        if (!lab || !environment) throw new Error('khactl was to run first')
        // Addresses and keys of a lab of one name stay; the hosts' own keys do not.
        const sample = await on({ command: ['bash', script], env: environment })
        await prove(lab, say)
        return sample
      },
    },
  ]
}

/** The same end: nodes and members are all there, every haproxy has every master up, and khactl finds nothing that matters to do. */
const prove = async (lab: Lab, say: (line: string) => void): Promise<void> => {
  const members = await membersOf(lab)
  if (members.length !== 3) throw new Error(`etcd has ${members.join(', ')}`)
  for (const host of haproxies)
    await eventually(() => serversOf(lab, host), {
      within: 30_000,
      every: 500,
      until: (servers) => servers.filter((server) => server.endsWith(' UP')).length === 3,
    })
  const { stdout } = await lab.khactl('plan', lab.inventory)
  const summary = stdout.trim().split('\n').at(-1) ?? ''
  say(`  a plan afterwards: ${summary}`)
}
