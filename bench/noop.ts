// no-op: what it costs to find that nothing is to be done, on ten hosts of the lab's profile `many`; the prepare stage alone.
import type { Bench, Contestant, Outcome, Sitting, Table } from './harness/bench.js'
import { contest, contestant } from './harness/contest.js'
import { controllerCpu, ratioOf } from './harness/statistics.js'
import { floor, khactl, openLab, sshEverywhere } from './lab/open.js'
import { idlePlaybook, installPeers, peers, prepare, prepareStage, sameEndState, type Peer } from './lab/peers.js'

const ssh = 'ssh HOST true, all hosts at once'
const up = 'khactl up --yes --stage prepare'
const node = 'node -e 0'

const measure = async (sitting: Sitting): Promise<Outcome> => {
  await installPeers(sitting.say)
  const lab = await openLab('many', sitting.say)
  await prepare(lab, sitting.say)
  await sameEndState(lab, sitting.say)
  const peer = (name: Peer): Contestant => ({ name: peers[name], run: () => idlePlaybook(lab, name) })
  const contestants = [
    contestant(node, { command: [process.execPath, '-e', '0'] }),
    contestant(ssh, sshEverywhere(lab)),
    contestant('bare ssh2 program, some 60 facts', floor(lab)),
    contestant('khactl plan --stage prepare', {
      ...khactl(lab, 'plan', lab.inventory, ...prepareStage),
      // What the stages that are left as they are would change counts as a change.
      accept: [0, 2],
    }),
    contestant(up, khactl(lab, 'up', '--yes', lab.inventory, ...prepareStage)),
    peer('ansible'),
    peer('mitogen'),
  ]
  const table = await contest({ title: `no-op on ${lab.hosts.length} hosts`, reference: ssh, contestants }, sitting)
  return {
    tables: [table],
    figures: [...figures(table), controllerCpu(table, { up, node, hosts: lab.hosts.length })],
    notes,
  }
}

const figures = (table: Table) => [
  { name: 'no-op up against ssh HOST true in parallel', value: ratioOf(table, [up, ssh]), unit: '×', gate: '≤ 1.2' },
  { name: "Ansible's no-op against khactl's", value: ratioOf(table, [peers.ansible, up]), unit: '×', gate: 'aim ≥ 50' },
  {
    name: "Ansible + Mitogen's no-op against khactl's",
    value: ratioOf(table, [peers.mitogen, up]),
    unit: '×',
    gate: 'aim ≥ 12',
  },
]

const notes = [
  'The stage prepare: names, clock, swap, kernel modules and settings, firewall, package repository. khactl looks at all other stages, too.',
  'Before it, khactl, Ansible and Ansible + Mitogen each mended the same tampered things, and each found nothing to do after the others.',
  "Ansible's connections persist from its warm-up run; the others log in anew each time.",
]

export const noop: Bench = { title: 'what a run costs that changes nothing, ten hosts, stage prepare', run: measure }
