import { expect, test } from 'vitest'
import { absentPackage, type PackageState } from '../../src/facts/package.js'
import type { Os } from '../../src/facts/os.js'
import type { UnitState } from '../../src/facts/unit.js'
import type { Traces } from '../../src/facts/preflight/traces.js'
import type { HostName, HostState } from '../../src/model/host.js'
import type { Problem } from '../../src/model/step.js'
import { portUses } from '../../src/templates/firewall.js'
import { certain, clockProblems } from '../../src/tasks/preflight/clock.js'
import { routerIdProblems, vipProblems } from '../../src/tasks/preflight/endpoint.js'
import { cloneProblems, hostnameProblems, mtuProblems, type Identity } from '../../src/tasks/preflight/identity.js'
import {
  cgroupProblems,
  cpuProblems,
  kernelProblems,
  memoryProblems,
  osProblems,
} from '../../src/tasks/preflight/machine.js'
import { nodeIpProblems, subnetProblems, vipSubnetProblems } from '../../src/tasks/preflight/network.js'
import { portProblems } from '../../src/tasks/preflight/ports.js'
import { reachProblems, targetsOf } from '../../src/tasks/preflight/reach.js'
import {
  leftoverProblems,
  packageManagerProblems,
  runtimeProblems,
  softwareChecks,
} from '../../src/tasks/preflight/software.js'
import { inodeProblems, spaceProblems } from '../../src/tasks/preflight/storage.js'
import {
  imageProblems,
  imageQuestion,
  parseImage,
  questionsOf,
  repositoryProblems,
} from '../../src/tasks/preflight/supplies.js'
import { intentWith } from '../support/sight.js'
import { cluster, first, host, inventory, version } from '../templates/fixtures.js'
import { scopeOf } from '../support/scope.js'

const name = (text: string) => text as HostName
const said = (problems: readonly Problem[]): string =>
  problems.length === 0
    ? 'fine'
    : problems
        .map(({ level, message, hint }) => `${level}: ${message}${hint === undefined ? '' : `\n    ${hint}`}`)
        .join('\n')
const table = (rows: Readonly<Record<string, readonly Problem[]>>): string =>
  Object.entries(rows)
    .map(([title, problems]) => `${title}\n  ${said(problems).replaceAll('\n', '\n  ')}`)
    .join('\n')

const os = (more: Partial<Os>): Os => ({
  id: 'debian',
  idLike: [],
  versionId: '12',
  name: 'Debian GNU/Linux 12 (bookworm)',
  family: 'debian',
  arch: 'x86_64',
  kernel: '6.1.0-18-amd64',
  systemd: 'running',
  ...more,
})

test('the machine', async () => {
  const rocky = { id: 'rocky', idLike: ['rhel'], family: 'rhel', name: 'Rocky Linux 7.9', versionId: '7.9' } as const
  await expect(
    table({
      'Debian 12': osProblems(os({})),
      'Debian 10': osProblems(os({ versionId: '10', name: 'Debian GNU/Linux 10 (buster)' })),
      'Debian without a version (sid)': osProblems(os({ versionId: '' })),
      'Rocky 7': osProblems(os(rocky)),
      'Rocky 9': osProblems(os({ ...rocky, versionId: '9.3' })),
      'Fedora 40': osProblems(os({ id: 'fedora', family: 'rhel', versionId: '40' })),
      Alpine: osProblems(os({ id: 'alpine', family: null, name: 'Alpine Linux v3.20' })),
      'kernel 6.1': kernelProblems('6.1.0-18-amd64', version('1.34.0')),
      'kernel 3.2': kernelProblems('3.2.0', version('1.20.2')),
      'kernel 4.18 on RHEL 8, 1.31': kernelProblems('4.18.0-513.el8.x86_64', version('1.31.0')),
      'kernel 4.18 on RHEL 8, 1.32': kernelProblems('4.18.0-513.el8.x86_64', version('1.32.0')),
      'cgroup v1, 1.20': cgroupProblems('v1', { version: version('1.20.2'), allowed: false }),
      'cgroup v1, 1.31': cgroupProblems('v1', { version: version('1.31.0'), allowed: false }),
      'cgroup v1, 1.35': cgroupProblems('v1', { version: version('1.35.0'), allowed: false }),
      'cgroup v1, 1.35, failCgroupV1: false': cgroupProblems('v1', { version: version('1.35.0'), allowed: true }),
      'cgroup v2, 1.35': cgroupProblems('v2', { version: version('1.35.0'), allowed: false }),
      'no cgroups': cgroupProblems('none', { version: version('1.20.2'), allowed: false }),
      'master with one CPU': cpuProblems(1, 'master'),
      'worker with one CPU': cpuProblems(1, 'worker'),
      'master with 1 GiB': memoryProblems(1024, 'master'),
      'master sold as 2 GB': memoryProblems(1850, 'master'),
      'worker with 1 GiB': memoryProblems(1000, 'worker'),
      'haproxy host with 128 MiB': memoryProblems(128, 'haproxy'),
      'master with 4 GiB': memoryProblems(3900, 'master'),
    }),
  ).toMatchFileSnapshot('tables/machine.txt')
})

test('storage', async () => {
  const room = (path: string, mount: string, freeMiB: number, freeInodes: number | null = 1_000_000) => ({
    path,
    least: 1024,
    good: 4096,
    disk: { mount, freeMiB, freeInodes },
  })
  await expect(
    table({
      'room for all on one file system': spaceProblems([room('/', '/', 9000), room('/var/lib/etcd', '/', 9000)]),
      'enough for each, not for both': spaceProblems([room('/', '/', 1500), room('/var/lib/etcd', '/', 1500)]),
      'a small disk of its own': spaceProblems([room('/', '/', 9000), room('/var/lib/etcd', '/var/lib/etcd', 500)]),
      'it will do': spaceProblems([room('/', '/', 3000)]),
      'few inodes': inodeProblems([room('/', '/', 9000, 50_000)]),
      'hardly an inode': inodeProblems([room('/', '/', 9000, 12)]),
      btrfs: inodeProblems([room('/', '/', 9000, null)]),
    }),
  ).toMatchFileSnapshot('tables/storage.txt')
})

test('the network', async () => {
  const net = (...addresses: readonly (readonly [string, string, number])[]) => ({
    addresses: addresses.map(([card, address, prefix]) => ({ interface: card, address, prefix })),
    links: [],
    defaultRoute: 'eth0',
  })
  const lo = ['lo', '127.0.0.1', 8] as const
  const of = { host: host('haproxy-1', '10.9.0.11'), vip: '10.9.0.10' }
  const good = net(lo, ['eth0', '10.9.0.11', 24])
  const nat = net(lo, ['eth0', '10.0.2.15', 24], ['eth1', '10.9.0.12', 24], ['eth1', '10.9.0.10', 32])
  await expect(
    table({
      'node IP there': nodeIpProblems(good, of),
      'node IP elsewhere; the VIP is no candidate': nodeIpProblems(nat, of),
      'no address at all': nodeIpProblems(net(lo), of),
      'VIP in the subnet': vipSubnetProblems(good, of),
      'VIP outside the subnet': vipSubnetProblems(good, { ...of, vip: '10.9.1.10' }),
      'VIP outside a /28': vipSubnetProblems(net(['eth0', '10.9.0.11', 29]), { ...of, vip: '10.9.0.20' }),
      'no conflict; a bridge of the CNI is none': subnetProblems(
        net(['eth0', '10.9.0.11', 24], ['cni0', '10.244.1.1', 24]),
        inventory('1.30.0'),
      ),
      'the host lives in the service subnet': subnetProblems(net(['eth1', '10.100.3.4', 16]), inventory('1.30.0')),
    }),
  ).toMatchFileSnapshot('tables/network.txt')
})

test('identities', async () => {
  const one = (of: string, more: Partial<Identity> = {}): Identity => ({
    host: name(of),
    hostname: of,
    machineId: `id-${of}`,
    productUuid: null,
    mac: `mac-${of}`,
    ...more,
  })
  const clones = [
    one('a', { machineId: 'same' }),
    one('b', { machineId: 'same', mac: 'same' }),
    one('c', { mac: 'same', hostname: 'LOCAL' }),
    one('d', { hostname: 'local', machineId: 'same' }),
  ]
  await expect(
    table({
      'all different': cloneProblems([one('a'), one('b')]),
      'not readable is not the same': cloneProblems([one('a', { mac: null }), one('b', { mac: null })]),
      'clones of several kinds': cloneProblems(clones),
      'clones, c is added': cloneProblems(clones, (host) => host === 'c'),
      'MTU of one host differs': mtuProblems([
        { host: name('a'), mtu: 1500 },
        { host: name('b'), mtu: 9000 },
        { host: name('c'), mtu: 1500 },
      ]),
      'MTU not readable': mtuProblems([
        { host: name('a'), mtu: 1500 },
        { host: name('b'), mtu: null },
      ]),
      'called as in the inventory': hostnameProblems('Worker-1.example.com', name('worker-1')),
      'called otherwise': hostnameProblems('IN291O-Worker-0', name('worker-1')),
      'called localhost': hostnameProblems('localhost.localdomain', name('worker-1')),
    }),
  ).toMatchFileSnapshot('tables/identity.txt')
})

test('the clock', async () => {
  await expect(
    table({
      '300 ms ahead': clockProblems(300),
      'an answer that took 3 s and lies within': clockProblems(certain({ least: -2900, most: 100 })),
      'an answer that took 3 s, 1 s before it was asked for': clockProblems(certain({ least: -4000, most: -1000 })),
      'an answer that took 0.1 s, 5 s after it was here': clockProblems(certain({ least: 5000, most: 5100 })),
      '700 ms behind': clockProblems(-700),
      '3 s ahead': clockProblems(3000),
      '10 min ahead': clockProblems(600_000),
      '9 h behind: a time zone taken for UTC': clockProblems(-9 * 3_600_000),
    }),
  ).toMatchFileSnapshot('tables/clock.txt')
})

test('ports', async () => {
  const of = inventory('1.30.0')
  const uses = (role: string) => portUses(of, first(of.hosts.filter(({ name: one }) => one === role)))
  const tcp = (port: number, process: string | null) =>
    ({ protocol: 'tcp', port, process, pid: process === null ? null : 4711 }) as const
  const own = [tcp(6443, 'kube-apiserver'), tcp(2379, 'etcd'), tcp(10_257, 'kube-controller'), tcp(10_250, 'kubelet')]
  await expect(
    table({
      'a finished master': portProblems([...own, tcp(10_256, 'kube-proxy'), tcp(22, 'sshd')], {
        uses: uses('master-1'),
        member: true,
      }),
      'a finished haproxy host': portProblems([tcp(8443, 'haproxy'), tcp(8404, 'haproxy')], {
        uses: uses('haproxy-1'),
        member: false,
      }),
      'the endpoint port taken': portProblems([tcp(8443, 'nginx')], { uses: uses('haproxy-1'), member: false }),
      'somebody else on the API port': portProblems([tcp(6443, 'haproxy')], { uses: uses('master-1'), member: false }),
      'a port of etcd, owner unknown': portProblems([tcp(2379, null)], { uses: uses('master-1'), member: false }),
      'the same on a member': portProblems([tcp(2379, null)], { uses: uses('master-1'), member: true }),
      'a NodePort taken': portProblems([tcp(30_080, 'java')], { uses: uses('worker-1'), member: false }),
      'VXLAN by the kernel': portProblems([{ protocol: 'udp', port: 8472, process: null, pid: null }], {
        uses: uses('worker-1'),
        member: false,
      }),
    }),
  ).toMatchFileSnapshot('tables/ports.txt')
})

test('software', async () => {
  const unit = (active: string) => ({ active }) as UnitState
  const installed = (text: string): PackageState => ({ ...absentPackage, installed: text })
  const none = {
    docker: unit('inactive'),
    crio: unit('inactive'),
    containerd: absentPackage,
    'containerd.io': absentPackage,
  }
  const clean = { paths: [], cni: [] }
  const leftovers = (found: Traces, state: HostState) => leftoverProblems(found, state, { broken: 'warning' })
  await expect(
    table({
      'package manager at rest': packageManagerProblems({ holder: null, unfinished: [] }),
      'package manager at work': packageManagerProblems({
        holder: { pid: 812, command: '/usr/bin/python3 /usr/bin/unattended-upgrade' },
        unfinished: [],
      }),
      'dpkg interrupted': packageManagerProblems({ holder: null, unfinished: ['dpkg', 'haproxy'] }),
      'no other runtime': runtimeProblems(none, 'containerd'),
      'Docker with its own containerd': runtimeProblems(
        { ...none, docker: unit('active'), 'containerd.io': installed('1.6.28-1') },
        'containerd',
      ),
      'Docker, and containerd.io is wanted': runtimeProblems(
        { ...none, docker: unit('active'), 'containerd.io': installed('1.6.28-1') },
        'containerd.io',
      ),
      'CRI-O runs': runtimeProblems({ ...none, crio: unit('active') }, 'containerd'),
      'a fresh host': leftovers(clean, { kind: 'fresh' }),
      'a member': leftovers({ ...clean, paths: ['/etc/kubernetes/kubelet.conf'] }, { kind: 'healthy', role: 'worker' }),
      'leftovers on a fresh host': leftovers(
        { paths: ['/etc/kubernetes/manifests/old.yaml'], cni: ['/etc/cni/net.d/87-podman-bridge.conflist'] },
        { kind: 'fresh' },
      ),
      'of another cluster': leftovers(clean, {
        kind: 'foreign',
        why: 'its API endpoint is https://10.1.1.1:6443',
      }),
      broken: leftovers(clean, { kind: 'broken', why: 'its API server is silent' }),
      'a broken master, while another member is to join': leftoverProblems(
        clean,
        { kind: 'broken', why: 'its API server is silent' },
        { broken: 'failure' },
      ),
    }),
  ).toMatchFileSnapshot('tables/software.txt')
})

test.each([
  ['master', 'pending', 'failure'],
  ['master', 'none', 'warning'],
  ['worker', 'pending', 'warning'],
] as const)('a broken %s, moves: %s: a %s', (role, moves, level) => {
  const of = inventory('1.30.0')
  const broken = first(of.hosts.filter(({ roles }) => roles.includes(role)))
  const checks = softwareChecks(
    scopeOf({
      inventory: of,
      host: broken,
      observed: new Map([[broken.name, { kind: 'broken', why: 'its API server is silent' }]]),
      moves: moves === 'none' ? [] : [{ kind: 'join-worker', host: name('worker-9') }],
    }),
  )
  const leftovers = first(checks.filter(({ id }) => id === 'khactl:leftovers'))
  const { problems } = intentWith(leftovers, { traces: () => ({ paths: [], cni: [] }) })
  expect(problems.map((one) => one.level)).toEqual([level])
})

test('the virtual IP and the router id', async () => {
  const own = ['02:00:00:00:00:01', '02:00:00:00:00:02']
  const vip = (answer: Parameters<typeof vipProblems>[1]['answer'], keepalived = 'inactive') =>
    vipProblems('10.9.0.10', { answer, own, keepalived })
  const ids = (...speakers: readonly (readonly [string, number])[]) =>
    routerIdProblems(
      speakers.map(([source, routerId]) => ({ source, routerId })),
      { routerId: 47, nodeIPs: ['10.9.0.11', '10.9.0.12'] },
    )
  await expect(
    table({
      'nobody answers': vip({ kind: 'nobody' }),
      'another haproxy host answers': vip({ kind: 'somebody', mac: '02:00:00:00:00:02' }),
      'a stranger answers': vip({ kind: 'somebody', mac: '52:54:00:00:00:09' }),
      'it is this host’s own': vip({ kind: 'this host' }, 'active'),
      'it is this host’s, left by a keepalived that was killed': vip({ kind: 'this host' }, 'failed'),
      'it is this host’s, by nobody knows whom': vip({ kind: 'this host' }, 'absent'),
      'behind a router': vip({ kind: 'elsewhere' }),
      'our own adverts': ids(['10.9.0.12', 47]),
      'a stranger with another id': ids(['10.9.0.99', 51]),
      'a stranger with our id': ids(['10.9.0.99', 47], ['10.9.0.98', 51]),
    }),
  ).toMatchFileSnapshot('tables/endpoint.txt')
})

test('the way to other hosts', async () => {
  const of = inventory('1.30.0')
  const scope = (who: string, states: 'fresh' | 'healthy') =>
    scopeOf({
      inventory: of,
      host: first(of.hosts.filter((one) => one.name === who)),
      observed: new Map(
        of.hosts.map((one) => [
          one.name,
          states === 'fresh' ? { kind: 'fresh' as const } : { kind: 'healthy' as const, role: 'master' as const },
        ]),
      ),
    })
  const shown = (who: string, states: 'fresh' | 'healthy', probes: 'due' | 'all' = 'due') =>
    targetsOf(scope(who, states), probes)
      .map(({ host: to, port }) => `${to}:${port}`)
      .join(' ')
  expect({
    'haproxy-1, fresh': shown('haproxy-1', 'fresh'),
    'master-1, fresh': shown('master-1', 'fresh'),
    'worker-1, fresh': shown('worker-1', 'fresh'),
    'master-1, finished': shown('master-1', 'healthy'),
    'worker-1, finished, khactl preflight': shown('worker-1', 'healthy', 'all'),
  }).toMatchInlineSnapshot(`
    {
      "haproxy-1, fresh": "master-1:6443 master-2:6443 master-3:6443",
      "master-1, finished": "",
      "master-1, fresh": "haproxy-1:8443 haproxy-2:8443 master-2:6443 master-2:2379 master-2:2380 master-2:10250 master-3:6443 master-3:2379 master-3:2380 master-3:10250 worker-1:10250 worker-2:10250",
      "worker-1, finished, khactl preflight": "haproxy-1:8443 haproxy-2:8443",
      "worker-1, fresh": "haproxy-1:8443 haproxy-2:8443",
    }
  `)
  const target = (port: number, answer: 'open' | 'refused' | 'filtered' | 'unreachable', opens = false) => ({
    host: name('master-2'),
    address: '10.9.0.22',
    port,
    use: port === 6443 ? 'kube-apiserver' : 'etcd peers',
    answer,
    opens,
  })
  await expect(
    table({
      'open and refused': reachProblems([target(6443, 'open'), target(2380, 'refused')]),
      'two ports silent': reachProblems([target(6443, 'filtered'), target(2380, 'filtered')]),
      'no route': reachProblems([target(6443, 'unreachable')]),
      'a firewall that prepare opens': reachProblems([target(6443, 'unreachable', true)]),
    }),
  ).toMatchFileSnapshot('tables/reach.txt')
})

test('supplies', async () => {
  const question = { system: 'apt', folder: 'http://10.9.0.1/deb', names: [], way: null } as const
  const offers = (...list: readonly (readonly [string, string])[]) => ({
    question,
    offers: { kind: 'offers' as const, offers: list.map(([of, at]) => ({ name: of, version: at })) },
  })
  const wanted = { names: ['kubelet', 'kubeadm'], version: '1.20.2' }
  const image = (of: string) => ({ server: '10.9.0.1:5000', name: of, tag: 'v1.20.2' })
  await expect(
    table({
      'all there': repositoryProblems([offers(['kubelet', '1.20.2-00'], ['kubeadm', '0:1.20.2-0'])], wanted),
      'in two repositories': repositoryProblems(
        [offers(['kubelet', '1.20.2-00']), offers(['kubeadm', '1.20.2-00'])],
        wanted,
      ),
      'another version': repositoryProblems(
        [offers(['kubelet', '1.20.3-00'], ['kubelet', '1.20.4-00'], ['kubeadm', '1.20.2-00'])],
        wanted,
      ),
      'not even the package': repositoryProblems([offers()], wanted),
      'nobody answers': repositoryProblems(
        [{ question, offers: { kind: 'silent', why: 'Could not resolve host: pkgs.example.com' } }],
        wanted,
      ),
      'an index that cannot be read here': repositoryProblems(
        [{ question, offers: { kind: 'unlisted', why: 'its index needs zstd' } }],
        wanted,
      ),
      'images there, or behind a login': imageProblems([
        { image: image('kube-apiserver'), answer: { kind: 'there' } },
        { image: image('kube-proxy'), answer: { kind: 'locked' } },
      ]),
      'images missing': imageProblems([
        { image: image('kube-apiserver'), answer: { kind: 'missing' } },
        { image: image('kube-proxy'), answer: { kind: 'missing' } },
      ]),
      'a registry that does not answer': imageProblems([
        { image: image('kube-apiserver'), answer: { kind: 'silent', why: 'Connection refused' } },
      ]),
    }),
  ).toMatchFileSnapshot('tables/supplies.txt')
})

test('what is asked of repositories and registries', () => {
  const key = { file: 'k', bytes: new Uint8Array() }
  const apt = [
    { name: 'k8s', url: 'https://pkgs.k8s.io/core:/stable:/v1.30/deb/', suite: '/', components: [], key },
    { name: 'lab', url: 'http://10.9.0.1/apt', suite: 'lab', components: ['main', 'extra'], key },
  ]
  const of = cluster('1.30.0', {
    packages: { source: 'repository', apt, dnf: [{ name: 'd', url: 'http://10.9.0.1/rpm', key }] },
  })
  const folders = (family: 'debian' | 'rhel') =>
    questionsOf(of, { family, names: ['kubelet'] }).map(({ folder }) => folder)
  expect(folders('debian')).toEqual([
    'https://pkgs.k8s.io/core:/stable:/v1.30/deb',
    'http://10.9.0.1/apt/dists/lab/main/binary-@ARCH@',
    'http://10.9.0.1/apt/dists/lab/extra/binary-@ARCH@',
  ])
  expect(folders('rhel')).toEqual(['http://10.9.0.1/rpm'])
  expect(questionsOf(cluster('1.30.0'), { family: 'debian', names: [] })).toEqual([])

  const registry = (more: object) =>
    ({ host: '10.9.0.1:5000', mirrors: [], transport: 'http', ca: null, credentials: null, ...more }) as never
  const asked = (image: string, registries: readonly never[] = []) => {
    const { servers, name: path, tag, tls } = imageQuestion(cluster('1.30.0', { registries }), parseImage(image))
    return `${servers.join(' ')} ${path}:${tag} ${tls}`
  }
  expect([
    asked('registry.k8s.io/kube-proxy:v1.30.0'),
    asked('busybox:1'),
    asked('10.9.0.1:5000/k8s/pause:3.9', [registry({})]),
    asked('10.9.0.1:5000/pause:3.9', [
      registry({ transport: 'https', ca: '/ca.pem', mirrors: ['m:1', 'https://h/v2/proxy'] }),
    ]),
  ]).toMatchInlineSnapshot(`
    [
      "https://registry.k8s.io/v2 kube-proxy:v1.30.0 verified",
      "https://registry-1.docker.io/v2 library/busybox:1 verified",
      "http://10.9.0.1:5000/v2 k8s/pause:3.9 unverified",
      "https://m:1/v2 https://h/v2/proxy https://10.9.0.1:5000/v2 pause:3.9 unverified",
    ]
  `)
})
