// Ansible, alone and with Mitogen: installed from Debian's packages, with the end state of khactl's prepare stage.
import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { PlanJson } from '../../src/report/plan-json.js'
import { run } from '../../test/lab/run.js'
import { siteUrl } from '../../test/lab/site.js'
import { timed, type Timed, type TimedOutcome } from '../harness/process.js'
import { khactl, siteSysctls, type BenchHost, type BenchLab } from './open.js'

const folder = resolve(import.meta.dirname, '../peers')

export const peers = { ansible: 'Ansible', mitogen: 'Ansible + Mitogen' } as const
export type Peer = keyof typeof peers

/** package → a file that proves it is there */
const packages = {
  'ansible-core': '/usr/bin/ansible-playbook',
  'ansible-mitogen': '/usr/lib/python3/dist-packages/ansible_mitogen/strategy.py',
}

export const installPeers = async (say: (line: string) => void): Promise<void> => {
  const missing = Object.entries(packages).flatMap(([name, file]) => (existsSync(file) ? [] : [name]))
  if (missing.length === 0) return
  say(`installing ${missing.join(', ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['-q', 'update'], { timeoutSeconds: 300 })
  await run('apt-get', ['-q', '-y', '--no-install-recommends', 'install', ...missing], { env, timeoutSeconds: 900 })
}

/** Ansible's inventory of the same hosts; JSON is YAML. */
const writeHosts = (lab: BenchLab): string => {
  const { paths, hosts } = lab
  const entry = ({ address, nodeIP }: BenchHost) => ({ ansible_host: address, node_ip: nodeIP })
  const group = (of: string) => ({
    hosts: Object.fromEntries(hosts.filter(({ group }) => group === of).map((host) => [host.name, entry(host)])),
  })
  const vars = {
    ansible_user: 'root',
    ansible_ssh_private_key_file: paths.key,
    ansible_ssh_common_args: `-F none -o IdentitiesOnly=yes -o UserKnownHostsFile=${lab.knownHosts}`,
    site_sysctls: siteSysctls,
    repository_url: siteUrl(paths.lab, 'apt/kubernetes'),
    repository_key: join(paths.state, 'kubernetes-apt.asc'),
  }
  const node = { children: { master: {}, worker: {} } }
  const children = { haproxy: group('haproxy'), master: group('master'), worker: group('worker'), node }
  const file = join(lab.folder, 'hosts.yaml')
  writeFileSync(file, JSON.stringify({ all: { vars, children } }))
  return file
}

export const playbook = (lab: BenchLab, peer: Peer): Timed => ({
  command: ['ansible-playbook', '-i', writeHosts(lab), join(folder, 'prepare.yaml')],
  network: lab.network,
  env: {
    ANSIBLE_CONFIG: join(folder, `${peer}.cfg`),
    ANSIBLE_HOME: join(lab.folder, 'ansible'),
    ANSIBLE_SSH_CONTROL_PATH_DIR: join(lab.folder, 'cp'),
  },
})

/** How many changes each host had, from Ansible's own recap. */
export const changedOf = (stdout: string): ReadonlyMap<string, number> =>
  new Map(
    [...stdout.matchAll(/^(\S+) +: ok=\d+ +changed=(\d+) /gm)].map(([, host = '', count]) => [host, Number(count)]),
  )

/** One thing of each kind that the stage keeps. Each must be mended by each tool, and seen by the other as mended. */
const tamperings = [
  `sed -i '/^# BEGIN khactl/,/^# END khactl/{/host-/d}' /etc/hosts`,
  'systemctl --quiet disable --now chrony',
  'echo /swapfile none swap sw 0 0 >>/etc/fstab',
  'echo overlay >/etc/modules-load.d/khactl.conf',
  'chmod 0600 /etc/sysctl.d/99-khactl.conf',
  'sysctl -qw net.ipv4.ip_forward=0',
  'echo >>/etc/apt/keyrings/khactl-kubernetes.asc',
  'sed -i s/stable/unstable/ /etc/apt/sources.list.d/khactl-kubernetes.sources',
]

export const prepareStage = ['--stage', 'prepare'] as const

/** What a plan of khactl's would change in the prepare stage; what other stages wait for is not this one's. */
const pendingIn = (json: string): readonly string[] =>
  (JSON.parse(json) as PlanJson).entries.flatMap(({ stage, host, title, verdict }) =>
    stage === 'prepare' && verdict !== 'ok' ? [`${host}: ${title}`] : [],
  )

/** Ansible's run, refused when it changed something. */
export const idlePlaybook = async (lab: BenchLab, peer: Peer): Promise<TimedOutcome> => {
  const outcome = await timed(playbook(lab, peer))
  const changed = [...changedOf(outcome.stdout)].filter(([, count]) => count > 0)
  if (changed.length > 0) throw new Error(`${peers[peer]} changed ${JSON.stringify(changed)} where nothing was to do`)
  return outcome
}

/**
 * Brings about the end state with khactl. The endpoint's, too: while it is missing, every run listens for five seconds
 * whether somebody else has the virtual IP.
 */
export const prepare = async (lab: BenchLab, say: (line: string) => void): Promise<void> => {
  say('khactl up: prepare and endpoint')
  await timed(khactl(lab, 'up', '--yes', lab.inventory, '--stage', 'prepare,endpoint'))
}

/** Proves that every tool means the same by the end state; rejects where they differ. */
export const sameEndState = async (lab: BenchLab, say: (line: string) => void): Promise<void> => {
  const host = lab.hosts.find(({ group }) => group === 'worker')?.name ?? ''
  const agreed = async (after: string): Promise<void> => {
    for (const peer of ['ansible', 'mitogen'] as const) await idlePlaybook(lab, peer)
    const plan = await timed({ ...khactl(lab, 'plan', '--json', lab.inventory, ...prepareStage), accept: [0, 2] })
    const wanted = pendingIn(plan.stdout)
    if (wanted.length > 0) throw new Error(`${after}, khactl would still change ${wanted.join(', ')}`)
  }
  say('Ansible changes nothing after khactl?')
  await agreed('after khactl')
  for (const mend of ['khactl', 'ansible', 'mitogen'] as const) {
    say(`${mend}: mends ${tamperings.length} tampered things on ${host}, and the others find nothing left to do?`)
    for (const script of tamperings) await lab.on(host, script)
    if (mend === 'khactl') await timed(khactl(lab, 'up', '--yes', lab.inventory, ...prepareStage))
    else {
      const changed = changedOf((await timed(playbook(lab, mend))).stdout).get(host)
      if (changed !== tamperings.length) throw new Error(`${peers[mend]} made ${changed} changes on ${host}`)
    }
    await agreed(`after ${mend}`)
  }
}
