// How a cluster stands at the end: everything on its hosts, who belongs, and what must not be left; beside an uninterrupted run.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { joinSecretsOf, listed, membersOf, nodesOf, serversOf } from '../../e2e/support/cluster.js'
import { eventually, type Lab } from '../../e2e/support/lab.js'
import { differences, snapshot } from '../../e2e/support/snapshot.js'

/** By host and kind: `master-1 file` → path → what it is. */
export type EndState = ReadonlyMap<string, ReadonlyMap<string, string>>

interface Varies {
  readonly path: RegExp
  readonly why: string
}

/** What two uninterrupted runs do not have alike either: there only type, mode and owner are compared. */
const contents: readonly Varies[] = [
  { path: /^\/etc\/(machine-id|ssh\/|shadow|gshadow)|^\/root\/\.ssh/, why: 'made for this host' },
  { path: /^\/etc\/kubernetes\/(pki\/|[\w-]+\.conf$)/, why: 'keys and certificates' },
  { path: /^\/etc\/kubernetes\/manifests\/etcd\.yaml$/, why: "members in etcd's own order, which is their numbers'" },
  { path: /^\/etc\/cni\/net\.d\//, why: 'subnets of pods, by the order in which nodes come' },
  { path: /^\/etc\/ld\.so\.cache$|^\/var\/(cache|backups|spool)\//, why: 'caches' },
  { path: /^\/var\/lib\/(dpkg|apt|systemd|ucf|pam|chrony|haproxy|cni|private)\//, why: 'databases that hold times' },
]

/** Of these not even the presence is compared. */
const ignored: readonly Varies[] = [
  {
    path: /^\/var\/lib\/(cni|systemd|chrony|haproxy|private)\//,
    why: 'networks of pods, stamps and state of services',
  },
  { path: /^\/var\/(tmp|cache|backups)\//, why: 'folders of services, caches, daily copies' },
  { path: /^\/var\/lib\/dpkg\/(.*-old|lock.*)$|^\/etc\/(passwd|shadow|group|gshadow|subuid|subgid)-$/, why: 'copies' },
  { path: /^\/etc\/\.pwd\.lock$|^\/root\/\.\w*history$/, why: 'logins and tools' },
]

const matches = (list: readonly Varies[], path: string): boolean => list.some((one) => one.path.test(path))

const comparable = (files: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map(
    [...files]
      .filter(([path]) => !matches(ignored, path))
      .map(([path, text]) => [path, matches(contents, path) ? text.split(' ').slice(0, 3).join(' ') : text]),
  )

export const endState = async (lab: Lab): Promise<EndState> => {
  const [lbs, masters, workers] = [listed(lab, 'haproxy'), listed(lab, 'masters'), listed(lab, 'workers')]
  const state = new Map<string, ReadonlyMap<string, string>>()
  for (const host of [...lbs, ...masters, ...workers]) {
    const one = await snapshot(lab, host)
    state.set(`${host} file`, one.files)
    state.set(`${host} package`, one.packages)
    state.set(`${host} unit`, one.units)
    state.set(`${host} sysctl`, one.sysctls)
  }
  const list = (names: readonly string[]): ReadonlyMap<string, string> => new Map(names.map((name) => [name, 'there']))
  state.set('etcd member', list(await membersOf(lab)))
  state.set('Node', list(await nodesOf(lab)))
  for (const host of lbs) state.set(`${host} backend`, list(await serversOf(lab, host)))
  return state
}

/**
 * What must be so whatever the way there was; empty is well. `once`: no host lost its power or its disk, so each host began
 * one kubeadm init or join.
 */
export const faultsOf = async (lab: Lab, bodies: 'once' | 'any number'): Promise<readonly string[]> => {
  const wrong: string[] = []
  // Nodes need a moment to be Ready, and caches of haproxy to see every server.
  const { seen } = await eventually(() => lab.khactl('plan', lab.inventory), {
    within: 120_000,
    every: 3000,
    until: ({ status }) => status === 0,
  }).catch((error: unknown) => ({ seen: { status: 1, stdout: String(error), stderr: '' } }))
  if (seen.status !== 0) wrong.push(`khactl plan: exit status ${seen.status}: ${seen.stdout.slice(-600)}`)
  const masters = listed(lab, 'masters').toSorted()
  const nodes = [...masters, ...listed(lab, 'workers')].toSorted()
  const same = (what: string, is: readonly string[], wanted: readonly string[]): void => {
    if (is.join() !== wanted.join()) wrong.push(`${what}: ${is.join(', ')}; wanted ${wanted.join(', ')}`)
  }
  same('etcd members', await membersOf(lab), masters)
  same('Nodes', await nodesOf(lab), nodes)
  for (const host of listed(lab, 'haproxy'))
    same(
      `backends of ${host}`,
      await serversOf(lab, host),
      masters.map((name) => `${name} UP`),
    )
  same('secrets to join with', await joinSecretsOf(lab), [])
  for (const host of [...listed(lab, 'haproxy'), ...nodes]) {
    const left = await lab.on(
      host,
      `find / -xdev -name '.khactl-*.part' 2>/dev/null; ls /run/khactl/run/*.sh /run/khactl/run/*.in /etc/kubernetes/khactl-* 2>/dev/null; true`,
    )
    if (left.trim() !== '') wrong.push(`left on ${host}: ${left.trim().split('\n').join(', ')}`)
    const begun = await lab.on(host, `journalctl -o cat | grep -Ec '^Started khactl-kubeadm-(init|join)' || true`)
    if (bodies === 'once' && Number(begun) > 1)
      wrong.push(`kubeadm init or join began ${begun.trim()} times on ${host}`)
  }
  return wrong
}

/** `HOST KIND NAME: uninterrupted → here`. */
export const deviations = (reference: EndState, here: EndState): readonly string[] => {
  const of = (state: EndState, key: string): ReadonlyMap<string, string> => {
    const values = state.get(key) ?? new Map<string, string>()
    return key.endsWith(' file') ? comparable(values) : values
  }
  return [...new Set([...reference.keys(), ...here.keys()])].flatMap((key) =>
    [...differences(of(reference, key), of(here, key))].map(
      ([name, { from, to }]) => `${key} ${name}: ${from ?? 'absent'} → ${to ?? 'absent'}`,
    ),
  )
}

export const keepState = (file: string, state: EndState): void => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify([...state].map(([key, values]) => [key, [...values]])))
}

export const loadState = (file: string): EndState | null =>
  existsSync(file)
    ? new Map(
        (JSON.parse(readFileSync(file, 'utf8')) as [string, [string, string][]][]).map(([key, values]) => [
          key,
          new Map(values),
        ]),
      )
    : null
