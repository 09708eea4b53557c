// Files of the operating system: modules, sysctls, names, package repositories; and the ports of each role.
import { describe, expect, it } from 'vitest'
import type { AptRepository, Host, Inventory } from '../../src/model/inventory.js'
import { openedPorts, portUses, sourcesOf } from '../../src/templates/firewall.js'
import type { PortUse } from '../../src/templates/firewall.js'
import {
  crictlText,
  hostsBlock,
  kernelModules,
  modulesText,
  sysctlText,
  withHostsBlock,
} from '../../src/templates/os.js'
import {
  aptKeyFile,
  aptProxy,
  aptSource,
  aptSourceFile,
  dnfRepository,
  dnfRepositoryFile,
} from '../../src/templates/repositories.js'
import { cluster, first, haproxies, host, inventory, masters, workers } from './fixtures.js'
import { expectGolden } from './golden.js'

const plain = inventory('1.20.2')
const { os, endpoint } = plain.cluster
const own = inventory('1.34.1', {
  os: {
    ...os,
    modules: ['nf_conntrack', 'overlay'],
    sysctls: { 'vm.max_map_count': '262144', 'net.ipv4.ip_forward': '1' },
  },
  kubeProxyConfiguration: { mode: 'ipvs' },
  endpoint: { ...endpoint, dnsName: 'kubeapi.example' },
})
const worker = first(workers)
const haproxy = first(haproxies(1))

describe('kernel files', () => {
  it('golden', () => {
    expectGolden('os/modules.conf', modulesText(plain, worker) ?? '')
    expectGolden('os/modules-own.conf', modulesText(own, worker) ?? '')
    expectGolden('os/sysctl.conf', sysctlText(plain, worker) ?? '')
    expectGolden('os/sysctl-own.conf', sysctlText(own, worker) ?? '')
    expectGolden('os/crictl.yaml', crictlText('/run/containerd/containerd.sock'))
  })

  it('leave a host that only balances as it is, but for what the operator asks', () => {
    expect([modulesText(plain, haproxy), sysctlText(plain, haproxy)]).toEqual([null, null])
    expect(kernelModules(own, haproxy)).toEqual(['nf_conntrack', 'overlay'])
  })
})

describe('/etc/hosts', () => {
  const on = (of: Inventory, at: Host) => ({ inventory: of, host: at })
  const debian = '127.0.0.1\tlocalhost\n127.0.1.1\tmaster-1\n'

  it('golden', () => {
    expectGolden('os/hosts', withHostsBlock(debian, on(plain, haproxy)))
    expectGolden('os/hosts-own', withHostsBlock(debian, on(own, haproxy)))
    expectGolden('os/hosts-worker', withHostsBlock(debian, on(own, worker)))
  })

  it.each(['', '# nothing', debian, `${debian}\n# later\n`])('keeps what stands around its block: %j', (before) => {
    const once = withHostsBlock(before, on(plain, haproxy))
    expect(withHostsBlock(once, on(plain, haproxy))).toBe(once)
    const changed = withHostsBlock(`${once}10.0.0.9 later\n`, on(own, haproxy))
    expect(changed).toBe(once.replace(hostsBlock(plain, haproxy), hostsBlock(own, haproxy)) + '10.0.0.9 later\n')
    expect(once.startsWith(before)).toBe(true)
  })

  it('a worker more changes no other host; a master more changes masters and haproxy hosts alone', () => {
    const touched = (more: Inventory['hosts']) =>
      plain.hosts
        .filter((one) => hostsBlock(plain, one) !== hostsBlock({ ...plain, hosts: [...plain.hosts, ...more] }, one))
        .map(({ name }) => name)
    expect(touched([host('worker-9', '10.9.0.99')])).toEqual([])
    const core = ['haproxy-1', 'haproxy-2', 'master-1', 'master-2', 'master-3']
    expect(touched([host('master-4', '10.9.0.24')])).toEqual(core)
    expect(touched([host('haproxy-3', '10.9.0.13')])).toEqual(core)
  })
})

describe('package repositories', () => {
  const bytes = (text: string) => new TextEncoder().encode(text)
  const apt: AptRepository = {
    name: 'lab',
    url: 'http://10.9.0.1/debian',
    suite: 'bookworm',
    components: ['main', 'contrib'],
    key: { file: 'key.asc', bytes: bytes('-----BEGIN PGP PUBLIC KEY BLOCK-----\n') },
  }
  const flat: AptRepository = {
    ...apt,
    name: 'kubernetes',
    url: 'https://pkgs.k8s.io/core:/stable:/v1.34/deb/',
    suite: '/',
    components: [],
    key: { file: 'key.gpg', bytes: Uint8Array.of(0x99, 1, 2) },
  }
  const dnf = { name: 'lab', url: 'http://10.9.0.1/rpm', key: apt.key }

  it('golden', () => {
    expectGolden('os/apt.sources', aptSource(apt))
    expectGolden('os/apt-flat.sources', aptSource(flat))
    const proxy = { http: 'http://10.9.0.2:3128', https: null, noProxy: ['127.0.0.1', '10.9.0.0/24', 'mirror.site'] }
    expectGolden('os/dnf.repo', dnfRepository(dnf, null))
    expectGolden('os/dnf-proxy.repo', dnfRepository(dnf, proxy))
    expect(dnfRepository({ ...dnf, url: 'http://mirror.site/rpm' }, proxy)).not.toContain('proxy=')
    expectGolden('os/apt-proxy.conf', aptProxy(proxy))
  })

  it('name the key by its form, since apt goes by the name', () => {
    expect([aptKeyFile(apt).path, aptKeyFile(flat).path]).toEqual([
      '/etc/apt/keyrings/khactl-lab.asc',
      '/etc/apt/keyrings/khactl-kubernetes.gpg',
    ])
    expect([aptSourceFile(apt).path, dnfRepositoryFile(dnf).path]).toEqual([
      '/etc/apt/sources.list.d/khactl-lab.sources',
      '/etc/yum.repos.d/khactl-lab.repo',
    ])
  })
})

describe('ports', () => {
  const text = ({ protocol, ports, from, use }: PortUse) =>
    `${protocol} ${ports === null ? '-' : `${ports.first}-${ports.last}`} ${from} ${use}`

  it('golden of every role', () => {
    const hosts = [haproxy, first(masters), worker]
    const all = hosts.flatMap((host) => [`# ${host.name}`, ...portUses(plain, host).map(text)])
    expectGolden('os/ports.txt', `${all.join('\n')}\n`)
  })

  it('open VRRP to the haproxy hosts alone, and nothing that is bound to 127.0.0.1', () => {
    const opened = openedPorts(plain, haproxy)
    expect(opened.map(({ use }) => use)).toEqual(['API through haproxy', 'keepalived'])
    expect(opened.map((use) => sourcesOf(plain, use))).toEqual([null, ['10.9.0.11', '10.9.0.12']])
  })

  it('open the ports of the network that is used', () => {
    const uses = (name: string) => {
      const cni = { kind: 'manifest' as const, name, origin: 'x', text: 'x' }
      return openedPorts(inventory('1.28.0', { cni }), worker).map(({ ports }) => ports?.first)
    }
    expect(uses('flannel v0.24.0')).toContain(8472)
    expect(uses('flannel v0.24.0')).not.toContain(179)
    expect(uses('calico v3.27.0')).toContain(179)
    expect(openedPorts({ ...plain, cluster: cluster('1.28.0') }, worker).map(({ ports }) => ports?.first)).toContain(
      4789,
    )
  })
})
