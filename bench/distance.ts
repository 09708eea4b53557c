// distance: the no-op on ten hosts that are 50 ms and 250 ms away each way, and how often a run waits for an answer.
import type { Bench, Contestant, Figure, Outcome, Sitting, Table } from './harness/bench.js'
import { contest, contestant } from './harness/contest.js'
import { linesOf, median } from './harness/statistics.js'
import { farLab, type FarLab } from './lab/far.js'
import { floor, khactl, openLab, sshEverywhere, type BenchLab } from './lab/open.js'
import { idlePlaybook, installPeers, peers, prepare, prepareStage } from './lab/peers.js'
import { roundTripsOf } from './lab/round-trips.js'

const ssh = 'ssh HOST true, all hosts at once'
const bare = 'bare ssh2 program, some 60 facts'
const up = 'khactl up --yes --stage prepare'
const delays = [50, 250] as const

interface Seen {
  readonly table: Table
  /** Turns on the connection that had most of them, by contestant. */
  readonly turns: ReadonlyMap<string, readonly number[]>
}

const counted = (
  { name, run }: Contestant,
  { far, turns }: { readonly far: FarLab; readonly turns: Map<string, number[]> },
): Contestant => ({
  name,
  run: async () => {
    far.carried()
    const sample = await run()
    // What the relay carried is told when a connection has ended for good, a delay after the process.
    await new Promise((next) => setTimeout(next, 1000))
    const most = Math.max(0, ...far.carried().map((one) => one.turns))
    turns.set(name, [...(turns.get(name) ?? []), most])
    return sample
  },
})

const at = async (
  lab: BenchLab,
  { delayMs, sitting }: { readonly delayMs: number; readonly sitting: Sitting },
): Promise<Seen> => {
  const far = await farLab(lab, delayMs)
  const turns = new Map<string, number[]>()
  const contestants = [
    contestant(ssh, sshEverywhere(far)),
    contestant(bare, floor(far)),
    contestant(up, khactl(far, 'up', '--yes', far.inventory, ...prepareStage)),
  ].map((one) => counted(one, { far, turns }))
  try {
    const table = await contest({ title: `no-op, ${delayMs} ms each way`, reference: ssh, contestants }, sitting)
    return { table, turns }
  } finally {
    await far.stop()
  }
}

const medianOf = ({ table }: Seen, name: string): number =>
  linesOf(table).find((line) => line.name === name)?.medianMs ?? Number.NaN

/** What a run takes longer when the hosts are farther away, in journeys there and back: those it waits for one after another. */
const waits = ([near, far]: readonly [Seen, Seen], name: string): number =>
  (medianOf(far, name) - medianOf(near, name)) / (2 * (delays[1] - delays[0]))

const measure = async (sitting: Sitting): Promise<Outcome> => {
  await installPeers(sitting.say)
  const lab = await openLab('many', sitting.say)
  await prepare(lab, sitting.say)
  const near = await at(lab, { delayMs: delays[0], sitting })
  const far = await at(lab, { delayMs: delays[1], sitting })
  const requests = Object.values(await roundTripsOf(lab, prepareStage))
  const figures: Figure[] = [
    {
      name: 'requests to a host after login, no-op up, the most',
      value: Math.max(...requests),
      unit: 'requests',
      gate: '≤ 4',
    },
    ...[ssh, bare, up].flatMap((name): Figure[] => [
      {
        name: `${name}: journeys there and back that the whole run waits for`,
        value: waits([near, far], name),
        unit: '',
      },
      { name: `${name}: turns the relay saw on one connection`, value: median(far.turns.get(name) ?? []), unit: '' },
    ]),
  ]
  return {
    tables: [near.table, far.table, await peersAt(lab, sitting)],
    figures,
    notes: [
      "TCP's own handshake ends at the relay: one journey of a real line is missing, for everybody alike.",
      'Waits are the difference of the medians at both distances over the difference of the journeys; turns hold the login.',
      'Ansible and Ansible + Mitogen ran once each at 50 ms, after a warm-up at no distance.',
    ],
  }
}

const peersAt = async (lab: BenchLab, { say }: Sitting): Promise<Table> => {
  const far = await farLab(lab, delays[0])
  const title = `no-op, ${delays[0]} ms each way, once`
  const contestants: Contestant[] = [
    contestant(up, khactl(far, 'up', '--yes', far.inventory, ...prepareStage)),
    ...(['ansible', 'mitogen'] as const).map((name) => ({ name: peers[name], run: () => idlePlaybook(far, name) })),
  ]
  try {
    const standings = []
    for (const { name, run } of contestants) {
      const sample = await run()
      say(`${name}: ${sample.wallMs.toFixed(0)} ms`)
      standings.push({ name, samples: [sample] })
    }
    return { title, reference: up, standings }
  } finally {
    await far.stop()
  }
}

export const distance: Bench = { title: 'the no-op far away: 50 ms and 250 ms each way', run: measure }
