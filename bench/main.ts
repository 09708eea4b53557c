// The benchmarks' command line: `npm run bench [-- NAME… --rounds N]`; without names all of them.
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { benches } from './benches.js'
import { outcomeJson, outcomeText } from './harness/report.js'

const fewestRounds = 5
const results = join(import.meta.dirname, 'results')

const usage = `usage: npm run bench [-- NAME… --rounds N]
NAME: ${Object.keys(benches).join(', ')}; without one, all of them
--rounds N: how often each contestant runs (${fewestRounds}; with fewer, nothing is written to bench/results/)`

const parse = (argv: readonly string[]): { readonly names: readonly string[]; readonly rounds: number } | undefined => {
  const at = argv.indexOf('--rounds')
  const rounds = at < 0 ? fewestRounds : Number(argv[at + 1])
  const names = at < 0 ? argv : argv.toSpliced(at, 2)
  const known = names.every((name) => name in benches)
  return known && Number.isInteger(rounds) && rounds > 0 ? { names, rounds } : undefined
}

const runBench = async (name: string, rounds: number): Promise<void> => {
  const bench = await benches[name]?.()
  if (!bench) return
  console.error(`${name}: ${bench.title}`)
  const date = new Date().toISOString()
  const loadBefore = loadavg()[0] ?? 0
  const outcome = await bench.run({ rounds, say: (line) => console.error(`  ${line}`) })
  const loadAfter = loadavg()[0] ?? 0
  const machine = { cpus: cpus().length, node: process.version, loadBefore, loadAfter }
  console.log(`\n# ${name}: ${bench.title}\n${outcomeText(outcome)}`)
  console.log(`load average before ${loadBefore.toFixed(2)}, after ${loadAfter.toFixed(2)}; ${machine.cpus} CPUs`)
  if (rounds < fewestRounds) return
  mkdirSync(results, { recursive: true })
  writeFileSync(join(results, `${name}.json`), outcomeJson({ name, title: bench.title, date, machine }, outcome))
}

const wanted = parse(process.argv.slice(2))
if (!wanted) {
  console.error(usage)
  process.exitCode = 2
} else
  for (const name of wanted.names.length === 0 ? Object.keys(benches) : wanted.names) {
    try {
      await runBench(name, wanted.rounds)
    } catch (error) {
      console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`)
      process.exitCode = 1
    }
  }
