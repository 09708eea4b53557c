// What the terminal costs while 200 hosts print ten lines a second each: CPU, longest tick, frames, bytes.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench, Figure, Outcome, Sample, Sitting } from './harness/bench.js'
import { median } from './harness/statistics.js'
import { ways, type DisplayFigures, type Way } from './display/figures.js'

const seconds = 10
const root = join(import.meta.dirname, '..')

/** On a pseudo-terminal of 120 by 50, whose far end reads everything and shows nothing. */
const show = async (way: Way, folder: string): Promise<DisplayFigures> => {
  const file = join(folder, `${way}.json`)
  const program = `${process.execPath} --import tsx bench/display/stream.ts ${way} ${seconds} ${file}`
  const child = spawn('script', ['-qec', `stty rows 50 cols 120; ${program}`, '/dev/null'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const code = await new Promise((done) => child.once('close', done))
  if (code !== 0) throw new Error(`${way}: ended with ${String(code)}`)
  return JSON.parse(readFileSync(file, 'utf8')) as DisplayFigures
}

const run = async ({ rounds, say }: Sitting): Promise<Outcome> => {
  const folder = mkdtempSync(join(tmpdir(), 'khactl-display-'))
  const seen = new Map<Way, DisplayFigures[]>(ways.map((way) => [way, []]))
  try {
    for (let round = 1; round <= rounds; round += 1)
      for (const way of ways) {
        say(`round ${round}: ${way}`)
        seen.get(way)?.push(await show(way, folder))
      }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const of = (way: Way, what: (one: DisplayFigures) => number): number => median((seen.get(way) ?? []).map(what))
  const figures = ways.flatMap((way): readonly Figure[] => [
    { name: `${way}: CPU of the wall`, value: 100 * of(way, ({ cpuMs, wallMs }) => cpuMs / wallMs), unit: '%' },
    { name: `${way}: longest tick, CPU time`, value: of(way, (one) => one.longestTickMs), unit: 'ms' },
    { name: `${way}: writes a second`, value: of(way, (one) => one.writes) / seconds, unit: '' },
    { name: `${way}: bytes a second`, value: of(way, (one) => one.bytes) / seconds, unit: 'B' },
  ])
  return {
    tables: [
      {
        title: `200 hosts, 2000 lines a second for ${seconds} s, on a terminal`,
        reference: 'nothing',
        standings: ways.map((way) => ({ name: way, samples: (seen.get(way) ?? []) as readonly Sample[] })),
      },
    ],
    figures,
    notes: ['`nothing` is the bus and its masking without any display; the others include it'],
  }
}

export const display: Bench = { title: 'the cost of the terminal', run }
