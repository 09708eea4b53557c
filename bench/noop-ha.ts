// no-op-ha: the whole `up` on a finished cluster where nothing is to be done, on the lab's profile `ha`.
import type { Bench, Figure, Outcome, Sitting, Table } from './harness/bench.js'
import { contest, contestant } from './harness/contest.js'
import { timed } from './harness/process.js'
import { controllerCpu, ratioOf } from './harness/statistics.js'
import { oneFile } from './lab/one-file.js'
import { floor, khactl, openLab, sshEverywhere, type BenchLab } from './lab/open.js'
import { roundTripsOf } from './lab/round-trips.js'

const node = 'node -e 0'
const ssh = 'ssh HOST true, all hosts at once'
const up = 'khactl up --yes'

const measure = async (sitting: Sitting): Promise<Outcome> => {
  const lab = await openLab('ha', sitting.say)
  sitting.say('khactl up: the cluster, where there is none yet')
  await timed(khactl(lab, 'up', '--yes', lab.inventory))
  const contestants = [
    contestant(node, { command: [process.execPath, '-e', '0'] }),
    contestant(ssh, sshEverywhere(lab)),
    contestant('bare ssh2 program, some 60 facts', floor(lab)),
    contestant('khactl plan', khactl(lab, 'plan', lab.inventory)),
    contestant(up, khactl(lab, 'up', '--yes', lab.inventory)),
  ]
  const title = `no-op of the whole up, cluster facts included, ${lab.hosts.length} hosts`
  const table = await contest({ title, reference: ssh, contestants }, sitting)
  return { tables: [table], figures: await figures(lab, table) }
}

const figures = async (lab: BenchLab, table: Table): Promise<readonly Figure[]> => {
  const requests = Object.values(await roundTripsOf(lab, []))
  return [
    { name: 'no-op up against ssh HOST true in parallel', value: ratioOf(table, [up, ssh]), unit: '×', gate: '≤ 1.2' },
    { name: 'requests to a host after login, the most', value: Math.max(...requests), unit: 'requests', gate: '≤ 4' },
    {
      name: 'one changed file: requests to its host beyond the no-op',
      value: await oneFile(lab, []),
      unit: 'requests',
      gate: '≤ 3',
    },
    controllerCpu(table, { up, node, hosts: lab.hosts.length }),
  ]
}

export const noopHa: Bench = { title: 'what the whole up costs on a finished cluster', run: measure }
