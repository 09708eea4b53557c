// A process of its own that reads, every 50 ms, the command line and environment of every process of a lab, from outside.
// usage: tsx sampler.ts FOLDER GROUP NETWORK [HOST=PID …]   (until its standard input ends)
import { appendFileSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const everyMs = 50
const [folder = '', group = '', network = '', ...inits] = process.argv.slice(2)

interface Known {
  ours: boolean
  ticks: number
  commandLine: string
}

const known = new Map<string, Known>()
const written = new Set<string>()
const stop = new AbortController()
process.stdin.on('end', () => stop.abort())
process.stdin.resume()

const read = (path: string): string => {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    // the process ended in between
    return ''
  }
}

/** In a host of the lab, or in the controller's network: khactl and what it starts. */
const isOurs = (pid: string): boolean => {
  if (read(`/proc/${pid}/cgroup`).includes(`/${group}/`)) return true
  try {
    return readlinkSync(`/proc/${pid}/ns/net`) === network
  } catch {
    return false
  }
}

const keep = (file: 'cmdline' | 'environ' | 'minted', text: string): void => {
  if (text === '' || written.has(text)) return
  written.add(text)
  appendFileSync(join(folder, file), `${text}\n`, { encoding: 'latin1', mode: 0o600 })
}

/** A process is told apart in its first ticks, while it may still enter a namespace; the environment is new with each exec. */
const settled = 10

const look = (pid: string): void => {
  const it = known.get(pid) ?? { ours: false, ticks: 0, commandLine: '' }
  known.set(pid, it)
  it.ticks += 1
  if (!it.ours && it.ticks <= settled) it.ours = isOurs(pid)
  if (!it.ours) return
  const commandLine = read(`/proc/${pid}/cmdline`)
  if (commandLine === it.commandLine && it.ticks > settled) return
  it.commandLine = commandLine
  keep('cmdline', commandLine)
  keep('environ', read(`/proc/${pid}/environ`))
}

/** What khactl hands to kubeadm in a file while a join runs: the test looks for these values everywhere else. */
const collectMinted = (): void => {
  for (const init of inits) {
    const [, pid = ''] = init.split('=')
    const jobs = `/proc/${pid}/root/run/khactl/run`
    const names = ((): readonly string[] => {
      try {
        return readdirSync(jobs)
      } catch {
        return []
      }
    })()
    for (const name of names) if (name.endsWith('.in')) keep('minted', read(join(jobs, name)))
  }
}

const begun = performance.now()
let samples = 0
let processes = 0
let longest = 0
let last = begun
while (!stop.signal.aborted) {
  const at = performance.now()
  longest = Math.max(longest, at - last)
  last = at
  const pids = readdirSync('/proc').filter((name) => name.charCodeAt(0) <= 57)
  const here = new Set(pids)
  for (const pid of known.keys()) if (!here.has(pid)) known.delete(pid)
  for (const pid of pids) {
    const isNew = !known.has(pid)
    look(pid)
    if (isNew && known.get(pid)?.ours === true) processes += 1
  }
  collectMinted()
  samples += 1
  await sleep(Math.max(10, everyMs - (performance.now() - at)))
}
const report = {
  samples,
  processes,
  everyMs: Math.round((performance.now() - begun) / samples),
  longestMs: Math.round(longest),
}
writeFileSync(join(folder, 'report.json'), JSON.stringify(report))
