// What a status may see: a healthy cluster of seven hosts, and the same with one thing after another gone wrong.
import { known, unreadable } from '../../src/model/fact.js'
import type { HostName } from '../../src/model/host.js'
import type { Role } from '../../src/model/inventory.js'
import type { SeenHost, SeenNode, StatusSeen } from '../../src/report/status-seen.js'

export const now = Date.parse('2026-11-21T02:00:00Z') / 1000
const day = 86_400
const masters = ['master-1', 'master-2', 'master-3']
const pods = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']

const server = (name: string, status = 'UP') => ({
  server: name,
  status,
  check: status === 'UP' ? 'L7OK' : 'L4TOUT',
  said: status === 'UP' ? '' : 'Layer4 timeout',
})

const running = { load: 'loaded', active: 'active', sub: 'running', result: 'success' }

const host = (name: string, address: string, role: Role): SeenHost => {
  const isMaster = role === 'master'
  const isNode = role !== 'haproxy'
  const expires = now + 300 * day
  return {
    name: name as HostName,
    roles: [role],
    nodeIP: address,
    leaving: null,
    state: isNode ? { kind: 'healthy', role } : { kind: 'fresh' },
    readyz: known(isMaster ? 'ok' : null),
    viaEndpoint: isNode ? known('ok') : null,
    pods: isMaster ? known({ wanted: pods, running: pods }) : null,
    certificates: isNode
      ? known([
          { path: '/var/lib/kubelet/pki/kubelet-client-current.pem', expires: expires + day },
          ...(isMaster ? [{ path: '/etc/kubernetes/pki/etcd/peer.crt', expires }] : []),
        ])
      : null,
    holdsVip: known(name === 'haproxy-1'),
    servers: isNode ? null : known(masters.map((master) => server(master))),
    units: (isNode ? ['containerd', 'kubelet'] : ['haproxy', 'keepalived']).map((unit) => ({
      name: unit,
      unit: known(running),
    })),
  }
}

const node = (name: string, role: 'master' | 'worker'): SeenNode => ({
  ...{ name, role, ready: 'yes', why: '', readySince: now - 3 * day, version: '1.20.2', pressures: [], cordon: null },
})

const member = (name: string, answers: 'yes' | 'no' = 'yes') =>
  ({
    id: `a${name.slice(-1)}`,
    name,
    peerUrls: [`https://10.0.0.2${name.slice(-1)}:2380`],
    part: 'voter',
    answers,
  }) as const
const memberStatus = (name: string) => ({
  ...{ id: `a${name.slice(-1)}`, leader: 'a1', size: 24_000_000, version: '3.4.13', errors: [] },
})

export const healthy: StatusSeen = {
  cluster: 'prod',
  inventory: 'inventory.yaml',
  now,
  endpoint: { vip: '10.0.0.100', port: 6443 },
  version: '1.20.2',
  hosts: [
    host('haproxy-1', '10.0.0.11', 'haproxy'),
    host('haproxy-2', '10.0.0.12', 'haproxy'),
    ...masters.map((name) => host(name, `10.0.0.2${name.slice(-1)}`, 'master')),
    host('worker-1', '10.0.0.41', 'worker'),
    host('worker-2', '10.0.0.42', 'worker'),
  ],
  nodes: known([
    ...masters.map((name) => node(name, 'master')),
    node('worker-1', 'worker'),
    node('worker-2', 'worker'),
  ]),
  etcd: {
    by: 'master-1' as HostName,
    sight: { members: masters.map((name) => member(name)), etcd: masters.map(memberStatus), alarms: [] },
  },
  moves: { moves: [], refusal: null },
  drift: { kind: 'planned', changes: 0, unknown: 0, unreadable: 0, hosts: [] },
}

/** The same cluster with some hosts otherwise. */
export const but = (
  names: readonly string[],
  change: (host: SeenHost) => Partial<SeenHost>,
  seen: StatusSeen = healthy,
): StatusSeen => ({
  ...seen,
  hosts: seen.hosts.map((one) => (names.includes(one.name) ? { ...one, ...change(one) } : one)),
})

const away = {
  readyz: null,
  viaEndpoint: null,
  pods: null,
  certificates: null,
  holdsVip: null,
  servers: null,
  units: [],
}
const cut = (why: string): Partial<SeenHost> => ({ ...away, state: { kind: 'unreachable', why } })

const withoutMaster = (seen: StatusSeen): StatusSeen =>
  but(
    ['haproxy-1', 'haproxy-2'],
    () => ({ servers: known([server('master-1'), server('master-2', 'DOWN'), server('master-3')]) }),
    seen,
  )

const idle = { load: 'loaded', active: 'failed', sub: 'failed', result: 'exit-code' }
const fresh: Partial<SeenHost> = {
  ...away,
  state: { kind: 'fresh' },
  readyz: known(null),
  viaEndpoint: known(null),
  certificates: known([]),
  holdsVip: known(false),
}

export const statuses: Readonly<Record<string, StatusSeen>> = {
  healthy,
  masterCut: {
    ...withoutMaster(but(['master-2'], () => cut('10.0.0.22:22 does not answer within 10 s'))),
    nodes: known([
      node('master-1', 'master'),
      {
        ...node('master-2', 'master'),
        ready: 'no',
        why: 'Kubelet stopped posting node status.',
        readySince: now - 240,
      },
      node('master-3', 'master'),
    ]),
    etcd: {
      by: 'master-1' as HostName,
      sight: {
        members: [member('master-1'), member('master-2', 'no'), member('master-3')],
        etcd: [memberStatus('master-1'), memberStatus('master-3')],
        alarms: [],
      },
    },
  },
  noQuorum: {
    ...but(
      ['master-1'],
      () => ({
        state: {
          kind: 'broken',
          why: 'its API server is not ready, its etcd member failing; the API endpoint is silent',
        },
        readyz: known('failing'),
        viaEndpoint: known('silent'),
      }),
      but(
        ['worker-1', 'worker-2'],
        () => ({ viaEndpoint: known('silent') }),
        but(
          ['haproxy-1', 'haproxy-2'],
          () => ({ servers: known(masters.map((name) => server(name, 'DOWN'))) }),
          but(['master-2', 'master-3'], () => cut('no route to host')),
        ),
      ),
    ),
    nodes: null,
    etcd: {
      by: 'master-1' as HostName,
      sight: {
        members: [member('master-1', 'no'), member('master-2', 'no'), member('master-3', 'no')],
        etcd: [{ ...memberStatus('master-1'), leader: '0', errors: ['etcdserver: no leader'] }],
        alarms: [],
      },
    },
    drift: { kind: 'planned', changes: 0, unknown: 0, unreadable: 31, hosts: [] },
  },
  vipNowhere: but(
    ['master-1', 'master-2', 'master-3', 'worker-1', 'worker-2'],
    () => ({ viaEndpoint: known('silent') }),
    but(['haproxy-1', 'haproxy-2'], (one) => ({
      holdsVip: known(false),
      units: one.units.map((unit) => (unit.name === 'keepalived' ? { ...unit, unit: known(idle) } : unit)),
    })),
  ),
  twoHolders: but(['haproxy-2'], () => ({ holdsVip: known(true) })),
  fresh: {
    ...but(
      ['haproxy-1', 'haproxy-2'],
      (one) => ({
        holdsVip: known(false),
        servers: unreadable('haproxy does not answer at /run/haproxy-admin.sock'),
        units: one.units.map(({ name }) => ({ name, unit: known({ ...idle, load: 'absent', active: 'inactive' }) })),
      }),
      but(['master-1', 'master-2', 'master-3', 'worker-1', 'worker-2'], () => fresh),
    ),
    nodes: null,
    etcd: null,
    moves: {
      moves: [
        { kind: 'init', host: 'master-1' as HostName },
        { kind: 'join-master', host: 'master-2' as HostName },
        { kind: 'join-master', host: 'master-3' as HostName },
        { kind: 'join-worker', host: 'worker-1' as HostName },
        { kind: 'join-worker', host: 'worker-2' as HostName },
      ],
      refusal: null,
    },
    drift: {
      kind: 'planned',
      changes: 188,
      unknown: 12,
      unreadable: 0,
      hosts: ['haproxy-1', 'haproxy-2', ...masters, 'worker-1', 'worker-2'],
    },
  },
  certificateEnds: but(['master-3'], () => ({
    certificates: known([
      { path: '/etc/kubernetes/pki/apiserver.crt', expires: now + 12 * day },
      { path: '/etc/kubernetes/admin.conf', expires: now - 2 * day },
    ]),
  })),
}
