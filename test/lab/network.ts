// The network of a lab: a namespace for the controller, with a bridge that the hosts are plugged into.

import { existsSync, readdirSync } from 'node:fs'
import { controllerOf } from './profiles.js'
import { run } from './run.js'

export const controllerNamespace = (lab: string): string => `khactl-${lab}`
export const hostNamespace = (lab: string, host: string): string => `khactl-${lab}.${host}`

const inUse = (namespace: string): boolean => existsSync(`/run/netns/${namespace}`)
export const hasNetwork = (lab: string): boolean => inUse(controllerNamespace(lab))

/** Runs a command inside the controller's namespace: only the network differs from the machine's. */
export const insideController = (lab: string, ...command: readonly string[]): string[] => [
  'nsenter',
  `--net=/run/netns/${controllerNamespace(lab)}`,
  '--',
  ...command,
]

// A router without a way out says so at once, where one that does not route lets everybody wait for a timeout;
// and frames between hosts are none of the controller's packet filter's business.
const settings = `echo 1 >/proc/sys/net/ipv4/ip_forward
for file in /proc/sys/net/bridge/bridge-nf-call-*; do [ ! -e "$file" ] || echo 0 >"$file"; done`

export async function makeNetwork(lab: string): Promise<void> {
  if (hasNetwork(lab)) return
  const name = controllerNamespace(lab)
  const steps = [
    ['netns', 'add', name],
    ['-n', name, 'link', 'set', 'lo', 'up'],
    ['-n', name, 'link', 'add', 'br0', 'type', 'bridge', 'forward_delay', '0'],
    ['-n', name, 'link', 'set', 'br0', 'up'],
    ['-n', name, 'address', 'add', `${controllerOf(lab)}/24`, 'dev', 'br0'],
  ]
  for (const step of steps) await run('ip', step, { timeoutSeconds: 20 })
  const [command = '', ...args] = insideController(lab, 'sh', '-c', settings)
  await run(command, args, { timeoutSeconds: 20 })
}

export const dropNamespace = async (namespace: string): Promise<void> => {
  if (inUse(namespace)) await run('ip', ['netns', 'del', namespace], { timeoutSeconds: 20 })
}

export function namespacesOf(lab: string): string[] {
  const own = controllerNamespace(lab)
  const all = existsSync('/run/netns') ? readdirSync('/run/netns') : []
  return all.filter((name) => name.startsWith(`${own}.`)).concat(inUse(own) ? [own] : [])
}
