// Times a no-op `khactl up` on the lab that runs, in turn with a bare login to every host: what matters is the ratio.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const rounds = 7

const lab = (...args: readonly string[]): string => {
  const tsx = join(root, 'node_modules/.bin/tsx')
  const { status, stdout, stderr } = spawnSync(tsx, [join(root, 'test/lab/main.ts'), ...args], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`lab ${args.join(' ')}: ${stderr}\nBring one up first: npm run demo`)
  return stdout.trim()
}

const inventory = lab('inventory')
const addresses = [...readFileSync(inventory, 'utf8').matchAll(/address: ([\d.]+)/g)].map((match) => match[1] ?? '')
const state = dirname(inventory)
const ssh = `ssh -i ${join(state, 'id_ed25519')} -o UserKnownHostsFile=${join(state, 'known_hosts')} -o BatchMode=yes`

const contestants = {
  'node -e 0': 'node -e 0',
  'ssh HOST true, all hosts at once': `${addresses.map((address) => `${ssh} root@${address} true &`).join(' ')} wait`,
  'khactl plan': `node ${join(root, 'dist/cli/main.js')} plan ${inventory}`,
  'khactl up --yes': `node ${join(root, 'dist/cli/main.js')} up ${inventory} --yes`,
}

// One process inside the lab's network times everything, so that the lab's own start is in no figure.
const script = `for i in $(seq ${rounds}); do
${Object.entries(contestants)
  .map(
    ([name, command], index) =>
      `s=$(date +%s%N); { ${command}; } >/dev/null 2>&1 || { echo "failed: ${name}" >&2; exit 1; }; echo ${index} $(( $(date +%s%N) - s ))`,
  )
  .join('\n')}
done`
const samples = lab('exec', '--', 'bash', '-c', script)
  .split('\n')
  .map((line) => line.split(' ').map(Number))

console.log(`${addresses.length} hosts, ${rounds} rounds in turn, milliseconds`)
const best = Object.keys(contestants).map((name, index) => {
  const times = samples.flatMap(([which, ns]) => (which === index ? [(ns ?? 0) / 1e6] : [])).toSorted((a, b) => a - b)
  const [min = 0, median = 0] = [times[0], times[Math.floor(times.length / 2)]]
  console.log(`${name.padEnd(36)} min ${min.toFixed(0).padStart(6)}  median ${median.toFixed(0).padStart(6)}`)
  return min
})
const [node = 0, login = 0, , up = 0] = best
console.log(
  `a no-op up costs ${((up - node) / login).toFixed(1)} × a bare login to every host, beside node's own start`,
)
