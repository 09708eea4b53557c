// Shows where a run spent its time: `khactl up --yes --json >FILE`, then `tsx bench/fresh-timeline.ts FILE`.
import { readFileSync } from 'node:fs'
import type { Event } from '../src/model/event.js'

/** Steps and commands that took less are not told. */
const shortest = 1000

const [path] = process.argv.slice(2)
if (path === undefined) throw new Error('which file? tsx bench/fresh-timeline.ts FILE, made by khactl up --json')

const events = readFileSync(path, 'utf8')
  .trim()
  .split('\n')
  .map((line): Event & { readonly at: string } => JSON.parse(line))
const began = Date.parse(events[0]?.at ?? '')
const when = ({ at }: { readonly at: string }): number => Date.parse(at) - began
const seconds = (ms: number): string => (ms / 1000).toFixed(1).padStart(6)

const row = (end: number, took: number, text: string): void =>
  console.log(`${seconds(end - took)} → ${seconds(end)} ${seconds(took)}  ${text}`)

console.log(' begin →    end   took')
for (const event of events) {
  const end = when(event)
  if (event.type === 'walk-started') row(end, 0, event.mode)
  if (event.type === 'walk-ended') row(end, event.tookMs, `${event.mode} ended`)
  if (event.type === 'run-ended') row(end, end, `run ended: ${event.exit}`)
  if (event.type === 'stage-ended' && event.tookMs >= shortest) row(end, event.tookMs, event.stage)
  if (event.type === 'step-ended' && event.tookMs >= shortest)
    row(end, event.tookMs, `  ${event.stage.padEnd(10)} ${event.host.padEnd(10)} ${event.step} · ${event.verdict.kind}`)
  if (event.type === 'command-ended' && event.tookMs >= shortest)
    row(end, event.tookMs, `    ${event.host.padEnd(10)} a command`)
  if (event.type === 'waiting') row(end, 0, `    ${event.host.padEnd(10)} waits: ${event.why.slice(0, 150)}`)
}
