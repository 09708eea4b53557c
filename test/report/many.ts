// A run over many hosts at once, for the terminal's picture and its cost.
import type { HostName } from '../../src/model/host.js'
import type { Event, StageOutline } from '../../src/model/event.js'
import type { Stamped } from '../../src/report/bus.js'
import { start } from './runs.js'

const stepNames = [
  'Make host names resolvable',
  'Turn swap off for good',
  'Install containerd, runc and the CNI plugins in exact versions',
  'Pull the images of Kubernetes v1.20.2',
]

/** Every host at its own pace; a line of output each 50 ms of a step; the fifth host fails in the second stage. */
export const manyRun = (hostCount: number, seed = 7): readonly Stamped[] => {
  let state = seed
  const random = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
  const hosts = Array.from({ length: hostCount }, (_, index) => `worker-${index + 1}` as HostName)
  const stages: readonly StageOutline[] = ['prepare', 'runtime', 'workers'].map((stage) => ({
    stage,
    title:
      { prepare: 'Prepare the operating system', runtime: 'Container runtime', workers: 'Workers' }[stage] ?? stage,
    hosts,
  }))
  const events: Stamped[] = []
  const tell = (at: number, event: Event): void => void events.push({ ...event, at })
  tell(start, { type: 'run-started', command: 'up', inventory: 'many.yaml', cluster: 'many', hosts })
  let from = start + 500
  for (const host of hosts) {
    tell(start + 10, { type: 'connecting', host, address: '10.0.0.1' })
    tell(start + 100 + random() * 300, { type: 'connected', host, tookMs: 90 })
  }
  tell(from, { type: 'walk-started', mode: 'apply', stages })
  for (const { stage, title } of stages) {
    tell(from, { type: 'stage-started', stage, title })
    const ends = hosts.map((host) => {
      let at = from
      for (const [index, name] of stepNames.entries()) {
        const place = { host, stage, step: `${stage}:${index}`, title: name }
        const change = { path: `thing ${index}`, from: null, to: 'there', impact: 'none' as const }
        tell(at, { type: 'step-started', ...place })
        if (host === hosts[4] && stage === 'runtime' && index === 2) {
          const failure = {
            code: 'job.failed',
            message: 'apt-get ended with exit status 100',
            exit: 'failed' as const,
            status: 100,
          }
          tell(at + 100, { type: 'step-ended', ...place, verdict: { kind: 'failed', failure }, tookMs: 100 })
          tell(at + 101, { type: 'lane-ended', host, stage, outcome: 'failed' })
          return at + 101
        }
        const took = 300 + random() * 1_500
        tell(at + 20, { type: 'step-applying', ...place, changes: [change] })
        for (let line = 50; line < took; line += 50)
          tell(at + line, { type: 'output', host, line: `Unpacking package-${line} (1.2.3-${index}) over (1.2.2) ...` })
        tell(at + took, { type: 'step-ended', ...place, verdict: { kind: 'changed', changes: [change] }, tookMs: took })
        at += took
      }
      tell(at, { type: 'lane-ended', host, stage, outcome: 'done' })
      return at
    })
    const end = Math.max(...ends) + 1
    tell(end, { type: 'stage-ended', stage, tookMs: end - from })
    from = end
  }
  tell(from, { type: 'walk-ended', mode: 'apply', tookMs: from - start })
  return events.toSorted((a, b) => a.at - b.at)
}
