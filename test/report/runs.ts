// Recorded runs for the tests of sinks: seven bare hosts, the same in sync, tampered with, and a run that fails half-way.
import type { Event, LaneOutcome, StageOutline, Verdict } from '../../src/model/event.js'
import type { HostName } from '../../src/model/host.js'
import { entryOf, type Plan } from '../../src/model/plan.js'
import type { Change } from '../../src/model/step.js'
import type { Stamped } from '../../src/report/bus.js'

export const start = Date.UTC(2026, 10, 21, 1, 39, 6)
const names = (stem: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${stem}-${index + 1}` as HostName)
const haproxies = names('haproxy', 2)
const masters = names('master', 3)
const workers = names('worker', 2)
const hosts = [...haproxies, ...masters, ...workers]
const nodes = [...masters, ...workers]

export const stages: readonly StageOutline[] = [
  { stage: 'preflight', title: 'Check the hosts', hosts },
  { stage: 'prepare', title: 'Prepare the operating system', hosts },
  { stage: 'endpoint', title: 'Load balancers and virtual IP', hosts: haproxies },
  { stage: 'runtime', title: 'Container runtime and Kubernetes packages', hosts: nodes },
  { stage: 'init', title: 'First master', hosts: masters.slice(0, 1) },
  { stage: 'masters', title: 'Other masters', hosts: masters.slice(1) },
  { stage: 'workers', title: 'Workers', hosts: workers },
  { stage: 'verify', title: 'Verify the cluster', hosts: masters.slice(0, 1) },
]

interface Told {
  readonly step: string
  readonly title: string
  readonly verdict: Verdict
}
type Lanes = (stage: string, host: HostName) => readonly Told[]

const one = (path: string, from: string | null, to: string | null, more: Partial<Change> = {}): Change => ({
  path,
  from,
  to,
  impact: 'none',
  ...more,
})
const would = (step: string, title: string, ...changes: readonly Change[]): Told => ({
  step,
  title,
  verdict: { kind: 'would-change', changes },
})
const unknown = (step: string, title: string, until: string): Told => ({
  step,
  title,
  verdict: { kind: 'unknown', until },
})
const fine = (step: string, title: string): Told => ({ step, title, verdict: { kind: 'ok', problems: [] } })
const newFile = (path: string, text: string): readonly Change[] => [
  one(path, null, 'a'.repeat(64), { text: { from: '', to: text } }),
  one(`${path} mode`, null, '0644'),
  one(`${path} owner`, null, 'root:root'),
]
const packageChanges = (name: string, version: string): readonly Change[] => [
  one(`package ${name}`, null, version),
  one(`package ${name} hold`, null, 'held'),
]
const unit = (name: string): readonly Change[] => [
  one(`unit ${name} boot`, 'disabled', 'enabled'),
  one(`unit ${name} state`, 'stopped', 'running'),
]

const hostsBefore = (host: string) =>
  `127.0.0.1 localhost\n127.0.1.1 ${host}\n\n# The following lines are for IPv6\n::1 ip6-localhost\n`
const hostsBlock = [
  '# khactl begin',
  '10.20.0.10 k8s.lab.test',
  ...hosts.map((host, index) => `10.20.0.${11 + index} ${host}`),
  '# khactl end',
  '',
].join('\n')
const haproxyCfg = [
  'global',
  '  maxconn 20000',
  '  hard-stop-after 10m',
  '  stats socket /run/haproxy/khactl.sock mode 600 level admin',
  '',
  'defaults',
  '  mode tcp',
  '  timeout connect 5s',
  '  timeout client 24h',
  '  timeout server 24h',
  '',
  'frontend apiserver',
  '  bind 10.20.0.10:6443 transparent',
  '  default_backend masters',
  '',
  'backend masters',
  '  option httpchk GET /readyz',
  '  http-check expect status 200',
  ...masters.map((master, index) => `  server ${master} 10.20.0.${13 + index}:6443 check check-ssl verify none`),
  '',
].join('\n')

const bareLanes: Lanes = (stage, host) => {
  const worker = workers.includes(host)
  switch (stage) {
    case 'preflight':
      return [
        {
          step: 'check:memory',
          title: 'Check memory',
          verdict: worker
            ? {
                kind: 'ok',
                problems: [
                  {
                    level: 'warning',
                    message: '1.7 GiB of memory; kubeadm wants 1.7 GiB for a worker and leaves nothing for pods',
                    hint: 'Give it 4 GiB.',
                  },
                ],
              }
            : { kind: 'ok', problems: [] },
        },
        {
          step: 'check:registry',
          title: 'Check the registry',
          verdict: {
            kind: 'ok',
            problems: [
              {
                level: 'not-checked',
                message: 'whether registry.lab.test:5000 has the images: needs curl, which is not installed yet',
              },
            ],
          },
        },
      ]
    case 'prepare':
      return [
        would(
          'hosts',
          'Make host names resolvable',
          one('/etc/hosts', 'b'.repeat(64), 'c'.repeat(64), {
            text: { from: hostsBefore(host), to: hostsBefore(host) + hostsBlock },
          }),
        ),
        would(
          'swap',
          'Turn swap off for good',
          one('swap /dev/vda2', 'on', 'off'),
          one('/etc/fstab', 'd'.repeat(64), 'e'.repeat(64), {
            text: {
              from: 'UUID=1 / ext4 defaults 0 1\nUUID=2 none swap sw 0 0\n',
              to: 'UUID=1 / ext4 defaults 0 1\n# khactl: UUID=2 none swap sw 0 0\n',
            },
          }),
        ),
        would(
          'modules',
          'Load kernel modules at boot',
          ...newFile('/etc/modules-load.d/khactl.conf', 'overlay\nbr_netfilter\n'),
        ),
        would(
          'sysctl:net.ipv4.ip_forward',
          'Set net.ipv4.ip_forward to 1',
          one('sysctl net.ipv4.ip_forward', '0', '1'),
        ),
        fine('time', 'Keep the clock in time'),
      ]
    case 'endpoint':
      return [
        would(
          'packages:haproxy',
          'Install haproxy and keepalived',
          ...packageChanges('haproxy', '2.6.12-1+deb12u1'),
          ...packageChanges('keepalived', '1:2.2.7-1+b2'),
        ),
        would('file:haproxy', 'Configure haproxy', ...newFile('/etc/haproxy/haproxy.cfg', haproxyCfg)),
        unknown('unit:haproxy', 'Run haproxy', 'packages:haproxy'),
        unknown('unit:keepalived', 'Run keepalived', 'packages:haproxy'),
        would(
          'password',
          'Write the VRRP password',
          one('/etc/keepalived/password', null, 'f'.repeat(64), { secret: true }),
        ),
      ]
    case 'runtime':
      return [
        would(
          'packages:kubernetes',
          'Install Kubernetes packages',
          ...['kubeadm', 'kubelet', 'kubectl'].flatMap((name) => packageChanges(name, '1.20.2-00')),
        ),
        would(
          'unit:containerd',
          'Run containerd',
          ...unit('containerd'),
          one('unit containerd configuration', 'another content of /etc/containerd/config.toml', 'as wanted', {
            impact: 'restart',
          }),
        ),
        unknown('unit:kubelet', 'Run the kubelet', 'packages:kubernetes'),
      ]
    case 'init':
      return [
        would(
          'kubeadm:init',
          'Found the cluster with kubeadm init',
          one('cluster lab', null, 'Kubernetes 1.20.2', { impact: 'membership' }),
        ),
        unknown('cni', 'Install the pod network', 'kubeadm:init'),
      ]
    case 'masters':
      return [
        would(
          'join',
          'Join the cluster as a master',
          one('cluster member', null, 'control plane', { impact: 'membership' }),
        ),
        unknown('labels', 'Set labels and taints', 'kubeadm:init'),
      ]
    case 'workers':
      return [
        would('join', 'Join the cluster as a worker', one('cluster member', null, 'worker', { impact: 'membership' })),
        unknown('labels', 'Set labels and taints', 'kubeadm:init'),
      ]
    case 'verify':
      return [unknown('healthy', 'See every node Ready', 'kubeadm:init')]
    default:
      return []
  }
}

const syncLanes: Lanes = (stage, host) =>
  bareLanes(stage, host).map(({ step, title }) => ({ step, title, verdict: { kind: 'ok', problems: [] } }))

const tamperedLanes: Lanes = (stage, host) =>
  syncLanes(stage, host).map((told) => {
    if (host === 'worker-2' && told.step === 'sysctl:net.ipv4.ip_forward')
      return would(told.step, told.title, one('sysctl net.ipv4.ip_forward', '0', '1'))
    if (host === 'haproxy-1' && told.step === 'file:haproxy')
      return would(
        told.step,
        told.title,
        one('/etc/haproxy/haproxy.cfg', 'a'.repeat(64), 'b'.repeat(64), {
          impact: 'reload',
          text: { from: haproxyCfg.replace('client 24h', 'client 20s'), to: haproxyCfg },
        }),
      )
    if (host === 'master-3' && told.step === 'modules')
      return would(told.step, told.title, one('/etc/modules-load.d/khactl.conf mode', '0777', '0644'))
    return told
  })

const brokenLanes: Lanes = (stage, host) =>
  syncLanes(stage, host).map((told) => {
    if (host === 'worker-1' && told.step === 'check:memory')
      return {
        ...told,
        verdict: {
          kind: 'problem',
          problems: [
            {
              level: 'failure',
              message: 'port 10250 is taken by nginx (pid 812)',
              hint: 'Stop nginx, or take the host out of the inventory.',
            },
          ],
        },
      }
    if (nodes.includes(host) && told.step === 'packages:kubernetes')
      return { ...told, verdict: { kind: 'unreadable', why: 'dpkg-query: no answer within 10 s' } }
    return told
  })

const planOf = (lanes: Lanes): Plan => {
  const events = walkEvents('plan', lanes, start)
  return { entries: events.flatMap((event) => (event.type === 'step-ended' ? [entryOf(event)] : [])) }
}

const walkEvents = (
  mode: 'plan' | 'apply',
  lanes: Lanes,
  from: number,
  outcome?: (stage: string, host: string) => LaneOutcome,
): Stamped[] => {
  let at = from
  const events: Stamped[] = []
  const tell = (event: Event, after = 0): void => {
    at += after
    events.push({ ...event, at })
  }
  tell({ type: 'walk-started', mode, stages })
  for (const { stage, title, hosts: members } of stages) {
    const began = at
    tell({ type: 'stage-started', stage, title })
    for (const host of members) {
      for (const { step, title: name, verdict } of lanes(stage, host)) {
        const place = { host, stage, step, title: name }
        if (verdict.kind !== 'skipped') tell({ type: 'step-started', ...place }, 5)
        const took = mode === 'plan' ? 3 : verdict.kind === 'changed' ? 1_700 : 40
        if (verdict.kind === 'changed' && mode === 'apply') {
          tell({ type: 'step-applying', ...place, changes: verdict.changes }, 20)
          tell({ type: 'command', host, command: `systemd-run --unit=khactl-${step}` }, 1)
          tell({ type: 'output', host, line: `[${step}] working…` }, 10)
          tell({ type: 'command-ended', host, status: 0, tookMs: took, tail: [] }, took)
        }
        tell({ type: 'step-ended', ...place, verdict, tookMs: took }, took)
      }
      tell({ type: 'lane-ended', host, stage, outcome: outcome?.(stage, host) ?? 'done' })
    }
    tell({ type: 'stage-ended', stage, tookMs: at - began })
  }
  tell({ type: 'walk-ended', mode, tookMs: at - from })
  return events
}

const opening = (command: string): Stamped[] => [
  { type: 'run-started', command, inventory: 'lab.yaml', cluster: 'lab', hosts, at: start },
  ...hosts.map((host, index): Stamped => ({
    type: 'connecting',
    host,
    address: `10.20.0.${11 + index}`,
    at: start + index,
  })),
  ...hosts.map((host, index): Stamped => ({ type: 'connected', host, tookMs: 90 + index, at: start + 100 + index })),
  ...hosts.map((host, index): Stamped => ({
    type: 'host-state',
    host,
    state: { kind: 'fresh' },
    at: start + 200 + index,
  })),
]

const closing = (events: readonly Stamped[], exit: (Event & { type: 'run-ended' })['exit']): Stamped[] => [
  ...events,
  {
    type: 'run-ended',
    exit,
    roundTrips: Object.fromEntries(hosts.map((host, index) => [host, 3 + index])),
    at: (events.at(-1)?.at ?? start) + 5,
  },
]

const applied: Lanes = (stage, host) =>
  bareLanes(stage, host).map(({ step, title, verdict }) => ({
    step,
    title,
    verdict:
      verdict.kind === 'would-change'
        ? { kind: 'changed', changes: verdict.changes }
        : verdict.kind === 'unknown'
          ? { kind: 'changed', changes: [one(`${title} state`, null, 'running')] }
          : verdict,
  }))

const failing: Lanes = (stage, host) => {
  const told = applied(stage, host)
  const skip = (why: string) => told.map((one): Told => ({ ...one, verdict: { kind: 'skipped', why } }))
  if (stage === 'masters' && host === 'master-2') {
    const [join, ...rest] = told
    const failure = {
      code: 'job.failed',
      message: 'khactl-join failed on master-2 with exit status 1',
      exit: 'failed' as const,
      command: 'kubeadm join k8s.lab.test:6443 --config /run/khactl/join.yaml --token ***',
      status: 1,
      tail: [
        '[preflight] Running pre-flight checks',
        '\u001B[31merror execution phase preflight\u001B[0m: [preflight] Some fatal errors occurred:',
        '\t[ERROR ImagePull]: failed to pull image registry.lab.test:5000/kube-apiserver:v1.20.2: connection refused',
      ],
      causes: ['dial tcp 10.20.0.2:5000: connect: connection refused'],
      hint: 'See that the registry runs and that master-2 reaches registry.lab.test:5000, then go on.',
    }
    return [
      { ...(join as Told), verdict: { kind: 'failed', failure } },
      ...rest.map((one): Told => ({
        ...one,
        verdict: { kind: 'skipped', why: 'an earlier step of this host failed' },
      })),
    ]
  }
  if ((stage === 'masters' && host === 'master-3') || stage === 'verify') return skip('master-2 failed')
  return told
}

export const plans = {
  bare: planOf(bareLanes),
  inSync: planOf(syncLanes),
  tampered: planOf(tamperedLanes),
  broken: planOf(brokenLanes),
}

const planWalk = (lanes: Lanes): readonly Stamped[] => walkEvents('plan', lanes, start + 300)

export const runs = {
  plan: closing([...opening('plan'), ...planWalk(bareLanes)], 'changes'),
  up: closing([...opening('up'), ...planWalk(bareLanes), ...walkEvents('apply', applied, start + 20_000)], 'ok'),
  inSync: closing([...opening('up'), ...planWalk(syncLanes)], 'ok'),
  failed: closing(
    [
      ...opening('up'),
      ...planWalk(bareLanes),
      ...walkEvents('apply', failing, start + 20_000, (stage, host) =>
        stage === 'masters' && host === 'master-2'
          ? 'failed'
          : (stage === 'masters' && host === 'master-3') || stage === 'verify'
            ? 'blocked'
            : 'done',
      ),
    ],
    'failed',
  ),
}
