// The sampler of a lab, started before a run and stopped after it.
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { groupOf } from '../../../lab/cgroup.js'
import { initOf } from '../../../lab/host.js'
import { insideController } from '../../../lab/network.js'
import { pathsOf } from '../../../lab/paths.js'
import { run } from '../lab.js'

export interface Sampled {
  readonly samples: number
  /** Of the lab, seen at least once. */
  readonly processes: number
  /** Mean and longest time from one sample to the next. */
  readonly everyMs: number
  readonly longestMs: number
}

export interface Watch {
  /** Files `cmdline`, `environ` and `minted`, every text once. */
  readonly folder: string
  stop(): Promise<Sampled>
}

export const watchProcesses = async (
  lab: string,
  { hosts, folder }: { readonly hosts: readonly string[]; readonly folder: string },
): Promise<Watch> => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const paths = pathsOf(lab)
  const network = (await run(insideController(lab, 'readlink', '/proc/self/ns/net'))).stdout.trim()
  if (network === readlinkSync('/proc/self/ns/net'))
    throw new Error('the controller of the lab has no network of its own')
  const tsx = resolve(import.meta.dirname, '../../../../node_modules/.bin/tsx')
  const inits = hosts.map((host) => `${host}=${initOf(paths, host)}`)
  const args = [join(import.meta.dirname, 'sampler.ts'), folder, groupOf(lab, '').replace(/\/$/, ''), network, ...inits]
  const child = spawn(tsx, args, { stdio: ['pipe', 'inherit', 'inherit'] })
  const ended = new Promise<void>((done, reject) => {
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? done() : reject(new Error(`the sampler ended with ${code}`))))
  })
  return {
    folder,
    stop: async () => {
      child.stdin.end()
      await ended
      return JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Sampled
    },
  }
}
