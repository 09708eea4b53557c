// `npm run demo`: a lab from nothing, and khactl's own `up` on it, with nothing hidden.

import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { insideController } from './network.js'
import { labName, pathsOf } from './paths.js'
import { profile, vipOf } from './profiles.js'
import { say } from './progress.js'
import { attached } from './run.js'
import { readState } from './state.js'
import { up } from './up.js'

const main = fileURLToPath(new URL('../../dist/cli/main.cjs', import.meta.url))

async function inside(lab: string, ...command: readonly string[]): Promise<number> {
  const [program = '', ...args] = insideController(lab, ...command)
  return attached(program, args)
}

async function demo(): Promise<number> {
  const paths = pathsOf(labName())
  await up(paths, 'ha', profile('ha', 0).hosts.length)
  say(`\n$ khactl up ${paths.inventory} --yes\n`)
  const code = await inside(paths.lab, process.execPath, main, 'up', paths.inventory, '--yes')
  if (code !== 0) {
    say(`\nthe demo failed: khactl up ended with exit code ${code}`)
    say(`logs of the lab: ${paths.log}; look at a host with: npm run lab -- host master-1 -- journalctl -e`)
    return code
  }
  const master = readState(paths)?.hosts.find((it) => it.role === 'master')
  if (master === undefined) throw new Error('the lab has no master')
  const server = `https://${vipOf(paths.lab)}:6443`
  say(`\nthe nodes, asked at the virtual address ${server}:\n`)
  const ssh = ['ssh', '-i', paths.key, '-o', `UserKnownHostsFile=${paths.knownHosts}`, `root@${master.address}`]
  const kubectl = `kubectl --kubeconfig /etc/kubernetes/admin.conf --server ${server} get nodes,pods -A -o wide`
  const seen = await inside(paths.lab, ...ssh, kubectl)
  say(`
look around:
  npm run lab -- exec -- node ${relative(process.cwd(), main)} plan ${paths.inventory}
  npm run lab -- host master-1 -- kubectl --kubeconfig /etc/kubernetes/admin.conf get pods -A
  npm run lab -- kill master-2                 a power cut; boot brings it back
  npm run lab -- down                          end of the demo`)
  return seen
}

try {
  process.exitCode = await demo()
} catch (error) {
  say(`the demo failed: ${error instanceof Error ? error.message : String(error)}`)
  say(`logs of the lab: ${pathsOf(labName()).log}`)
  process.exitCode = 1
}
