// A living cluster as it is found: what the inventory lists, what etcd, the API and every haproxy list, and what is left over.
import { readFileSync } from 'node:fs'
import type { Lab } from './lab.js'

/** Names of a list of the inventory, as the file says them now. */
export const listed = (lab: Lab, list: 'haproxy' | 'masters' | 'workers'): readonly string[] => {
  const text = readFileSync(lab.inventory, 'utf8')
  const part = new RegExp(`^${list}:\\n((?: .*\\n)+)`, 'm').exec(text)?.[1] ?? ''
  return [...part.matchAll(/- name: (\S+)/g)].map((match) => match[1] ?? '')
}

/** Names of etcd's members, sorted. */
export const membersOf = async (lab: Lab): Promise<readonly string[]> => {
  const [master = ''] = listed(lab, 'masters')
  const p = '/etc/kubernetes/pki/etcd'
  const text = await lab.on(
    master,
    `curl -sf --cacert ${p}/ca.crt --cert ${p}/healthcheck-client.crt --key ${p}/healthcheck-client.key -d '{}' https://127.0.0.1:2379/v3/cluster/member/list`,
  )
  const told = JSON.parse(text) as { readonly members: readonly { readonly name?: string }[] }
  return told.members.map(({ name = '' }) => name).toSorted()
}

/** Names of the Node objects, sorted. */
export const nodesOf = async (lab: Lab): Promise<readonly string[]> =>
  (await lab.kubectl('get', 'nodes', '-o', 'name'))
    .trim()
    .split('\n')
    .map((name) => name.replace('node/', ''))
    .toSorted()

/** `NAME STATE` of every server behind this haproxy, sorted. */
export const serversOf = async (lab: Lab, host: string): Promise<readonly string[]> => {
  const stats = await lab.on(
    host,
    `perl -MIO::Socket::UNIX -e '$s=IO::Socket::UNIX->new("/run/haproxy-admin.sock"); print $s "show stat -1 4 -1\\n"; print while <$s>'`,
  )
  return stats
    .split('\n')
    .filter((line) => line.startsWith('kubernetes-api,'))
    .map((line) => `${line.split(',')[1] ?? ''} ${line.split(',')[17]?.replace(/ .*/, '') ?? ''}`)
    .toSorted()
}

/** Secrets that let somebody join: bootstrap tokens and uploaded certificates. */
export const joinSecretsOf = async (lab: Lab): Promise<readonly string[]> =>
  (await lab.kubectl('-n', 'kube-system', 'get', 'secrets', '-o', 'name'))
    .split('\n')
    .filter((name) => /kubeadm-certs|bootstrap-token-/.test(name))
