// Looks at every host of a lab once a second from the inside, across power cuts and boots, and keeps what was seen.
import { spawn, type ChildProcess } from 'node:child_process'
import { insideHost } from '../../../lab/host.js'
import { pathsOf } from '../../../lab/paths.js'
import { hostOf, vipOf } from '../../../lab/profiles.js'
import { endpointScript, looksIn, masterScript, sampleOf, type Watched } from './look.js'
import type { Sample, Timeline } from './timeline.js'

export interface Sampler {
  /** What was seen up to now. */
  timeline(): Timeline
  stop(): Promise<Timeline>
}

/** Hosts named `haproxy-N` and `master-N`; those that do not run yet are watched as soon as they do. */
export const startSampler = (lab: string, hosts: readonly string[]): Sampler => {
  const samples: Sample[] = []
  const looks = hosts.map((host) => watch(lab, { host, keep: (sample) => samples.push(sample) }))
  const sorted = (): Timeline => samples.toSorted((a, b) => a.at - b.at)
  return {
    timeline: sorted,
    stop: async () => {
      await Promise.all(looks.map((stop) => stop()))
      return sorted()
    },
  }
}

const againMs = 500

const watch = (
  lab: string,
  { host, keep }: { readonly host: string; readonly keep: (sample: Sample) => void },
): (() => Promise<void>) => {
  const { role, address } = hostOf(lab, host, 'deb')
  const watched: Watched = { host, address, kind: role === 'haproxy' ? 'endpoint' : 'master' }
  const script = watched.kind === 'endpoint' ? endpointScript(vipOf(lab)) : masterScript
  let child: ChildProcess | null = null
  let stopped = false
  let over: () => void = () => undefined
  const ended = new Promise<void>((done) => (over = done))

  const again = (): void => {
    child = null
    if (stopped) over()
    else setTimeout(look, againMs)
  }
  const look = (): void => {
    if (stopped) return over()
    let text = ''
    try {
      const [program = '', ...args] = insideHost(pathsOf(lab), host, 'sh', '-c', script)
      const one = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] })
      child = one
      one.stdout.on('data', (chunk: Buffer) => {
        const { looks, rest } = looksIn(text + chunk.toString())
        text = rest
        for (const sample of looks.map((told) => sampleOf(told, watched))) if (sample !== null) keep(sample)
      })
      one.on('error', () => undefined)
      one.on('close', again)
    } catch {
      // It does not run now: nothing is seen of it.
      again()
    }
  }
  look()
  return () => {
    stopped = true
    // The script inside ends at its next word, for nobody listens any more.
    child?.kill('SIGKILL')
    child?.stdout?.destroy()
    return ended
  }
}
