// Inside the world of the stand-ins: their server is started, made to be as the inventory says, and khactl measured on it.
// Usage: sitting.ts FOLDER HOSTS ROUNDS, in the namespaces of world.sh. One line of JSON a measured run, on standard output.
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { writeSite, type Site } from './site.js'

const root = join(import.meta.dirname, '../..')
const khactl = join(root, 'dist/cli/main.cjs')
const [folder = '', hosts = '1', rounds = '5'] = process.argv.slice(2)

const ended = (child: ChildProcess): Promise<number | null> => new Promise((done) => child.once('close', done))
const linesOf = (child: ChildProcess) => createInterface({ input: child.stdout ?? process.stdin })

const startStandIns = async ({ server }: Site): Promise<ChildProcess> => {
  const words = ['--import', 'tsx', join(import.meta.dirname, 'stand-in.ts'), server]
  const child = spawn(process.execPath, words, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] })
  for await (const line of linesOf(child)) if (line === 'ready') return child
  throw new Error('the server of the stand-ins ended')
}

/** A run that is stopped once `prepare` has ended: what comes after it cannot be done on stand-ins. */
const converge = async ({ few }: Site): Promise<void> => {
  const words = [khactl, 'up', '--yes', '--json', '--stage', 'prepare', '--limit', 'master-1', few]
  const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = ended(child)
  let applies = false
  for await (const line of linesOf(child)) {
    const event = JSON.parse(line) as { type: string; mode?: string; stage?: string }
    applies ||= event.type === 'walk-started' && event.mode === 'apply'
    if (applies && event.type === 'stage-ended' && event.stage === 'prepare') child.kill('SIGINT')
  }
  await gone
}

const env = { ...process.env, XDG_STATE_HOME: join(folder, 'state'), NO_COLOR: '1' }
const figures = join(folder, 'figures.jsonl')

const measure = async ({ inventory }: Site): Promise<string> => {
  rmSync(figures, { force: true })
  const more = (process.env['NODEARGS'] ?? '').split(' ').filter((word) => word !== '')
  const words = [
    '--import',
    join(root, 'bench/probe.mjs'),
    ...more,
    khactl,
    'up',
    '--yes',
    '--stage',
    'preflight,prepare',
  ]
  const child = spawn(process.execPath, [...words, inventory], {
    env: { ...env, KHACTL_PROBE: figures },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const code = await ended(child)
  if (code !== 0 || !said.includes(`In sync: ${hosts} host`) || !existsSync(figures))
    throw new Error(`the stand-ins are not in sync: ${said.slice(-3000)}`)
  return readFileSync(figures, 'utf8').trim()
}

const site = writeSite(join(folder, 'site'), Number(hosts))
const server = await startStandIns(site)
const gone = ended(server)
try {
  await converge(site)
  for (let round = 0; round <= Number(rounds); round += 1) {
    const told = await measure(site)
    if (round > 0) console.log(told)
  }
} finally {
  server.stdin?.end()
  await gone
}
