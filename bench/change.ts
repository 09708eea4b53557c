// change: one kernel setting and one file put right on every host, ten hosts of the lab's profile `many`.
import type { Bench, Contestant, Outcome, Sample, Sitting } from './harness/bench.js'
import { contest, contestant } from './harness/contest.js'
import { timed } from './harness/process.js'
import { ratioOf } from './harness/statistics.js'
import { keptFile, oneFile } from './lab/one-file.js'
import { floor, khactl, openLab, siteSysctls, sshEverywhere, type BenchLab } from './lab/open.js'
import { installPeers, peers, playbook, prepare, prepareStage, type Peer } from './lab/peers.js'

const ssh = 'ssh HOST true, all hosts at once'
const up = 'khactl up --yes --stage prepare'

const [setting, value] = Object.entries(siteSysctls)[0] ?? ['', '']
const tampering = `sysctl -qw ${setting}=7200; echo '# not khactl' >>${keptFile}`
const isMended = `[ "$(sysctl -n ${setting})" = ${value} ] && ! grep -q 'not khactl' ${keptFile}`

const everywhere = async (lab: BenchLab, script: string): Promise<void> => {
  await Promise.all(lab.hosts.map(({ name }) => lab.on(name, script)))
}

/** Both things are wrong on every host before its run, and right on every host after it. */
const mender = (
  lab: BenchLab,
  { name, run }: { readonly name: string; readonly run: () => Promise<Sample> },
): Contestant => ({
  name,
  before: () => everywhere(lab, tampering),
  run: async () => {
    const sample = await run()
    await everywhere(lab, isMended)
    return sample
  },
})

const measure = async (sitting: Sitting): Promise<Outcome> => {
  await installPeers(sitting.say)
  const lab = await openLab('many', sitting.say)
  await prepare(lab, sitting.say)
  const peer = (name: Peer): Contestant => mender(lab, { name: peers[name], run: () => timed(playbook(lab, name)) })
  const contestants = [
    contestant('node -e 0', { command: [process.execPath, '-e', '0'] }),
    contestant(ssh, sshEverywhere(lab)),
    contestant('bare ssh2 program, some 60 facts', floor(lab)),
    mender(lab, { name: up, run: () => timed(khactl(lab, 'up', '--yes', lab.inventory, ...prepareStage)) }),
    peer('ansible'),
    peer('mitogen'),
  ]
  const title = `one setting and one file on each of ${lab.hosts.length} hosts`
  const table = await contest({ title, reference: ssh, contestants }, sitting)
  return {
    tables: [table],
    figures: [
      { name: "Ansible's change against khactl's", value: ratioOf(table, [peers.ansible, up]), unit: '×' },
      { name: "Ansible + Mitogen's change against khactl's", value: ratioOf(table, [peers.mitogen, up]), unit: '×' },
      {
        name: 'one changed file, its host bare but for what prepare does: requests beyond the no-op',
        value: await oneFile(lab, prepareStage),
        unit: 'requests',
      },
    ],
    notes: [
      'Everything that was tampered with is looked at on every host after each run: a figure is of a mended host.',
    ],
  }
}

export const change: Bench = { title: 'what a run costs that puts two things right on every host', run: measure }
