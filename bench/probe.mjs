// Preloaded into a program that is measured (`node --import`): its CPU, its memory and its longest ticks, as one line of JSON.
import { appendFileSync, openSync, readSync } from 'node:fs'

const file = process.env.KHACTL_PROBE
const every = 1
const kept = 8
const started = performance.now()
const longest = []

/** Nanoseconds that the main thread was on a processor; unlike the clock's they do not grow while others have it. */
const ran = () => Number.parseInt(said.toString('latin1', 0, readSync(schedule, said, 0, said.length, 0)), 10)
const schedule = openSync(`/proc/self/task/${process.pid}/schedstat`)
const said = Buffer.alloc(64)

let before = ran()
/** Between two firings of this timer the loop turned at least once: what it ran meanwhile holds the longest tick. */
const sample = () => {
  const now = ran()
  const ms = (now - before) / 1e6
  before = now
  if (longest.length === kept && ms <= longest[kept - 1].ms) return
  longest.push({ ms, at: performance.now() - started })
  longest.sort((a, b) => b.ms - a.ms).splice(kept)
}
const timer = file === undefined ? null : setInterval(sample, every)
timer?.unref()

if (file !== undefined)
  process.on('exit', (code) => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
    const figures = {
      code,
      wallMs: performance.now() - started,
      cpuMs: (userCPUTime + systemCPUTime) / 1000,
      userMs: userCPUTime / 1000,
      maxRssMb: maxRSS / 1024,
      ticks: longest,
    }
    appendFileSync(file, `${JSON.stringify(figures)}\n`)
  })
