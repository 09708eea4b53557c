// config.toml of both majors, the registries' hosts.toml and the proxy's drop-in.
import { describe, expect, it } from 'vitest'
import { secret } from '../../src/model/command.js'
import type { Cluster, Registry } from '../../src/model/inventory.js'
import { containerdConfig, containerdFile } from '../../src/templates/containerd.js'
import { pauseImage } from '../../src/templates/images.js'
import { proxyDropIn, proxyEnvironment } from '../../src/templates/proxy.js'
import { hostsToml, hostsTomlFile, registryCaFile } from '../../src/templates/registry.js'
import { cluster, host } from './fixtures.js'
import { expectGolden } from './golden.js'
import { runTool, temporary, tool } from './tool.js'

const registry = (name: string, more: Partial<Registry> = {}): Registry => ({
  host: name,
  mirrors: [],
  transport: 'https',
  ca: null,
  credentials: null,
  ...more,
})
const credentials = { user: 'robot$pull', password: secret('a "quoted" \\ p4ss') }
const registries = {
  'plain-http': registry('10.9.0.1:5000', { transport: 'http' }),
  'docker-mirrors': registry('docker.io', { mirrors: ['https://mirror.example/v2/hub', 'cache.example:8080'] }),
  'own-ca': registry('images.example', { ca: '/home/op/ca.crt', mirrors: ['http://10.9.0.2:5000'], credentials }),
  unverified: registry('old.example:5000', { transport: 'https-unverified' }),
}
const lab = cluster('1.20.2', {
  imageRepository: '10.9.0.1:5000/google_containers',
  registries: Object.values(registries),
  kubeletConfiguration: { cgroupDriver: 'cgroupfs' },
  os: { ...cluster('1.20.2').os, selinux: 'enforcing' },
  containerd: {
    ...cluster('1.20.2').containerd,
    restrictOomScoreAdj: true,
    dataRoot: '/data/containerd',
    extra: '[debug]\n  level = "debug"\n',
  },
})
const cases: Readonly<Record<string, readonly [Cluster, 1 | 2]>> = {
  'containerd/1.20-major-1.toml': [cluster('1.20.2'), 1],
  'containerd/1.28-major-1.toml': [cluster('1.28.4'), 1],
  'containerd/1.31-major-2.toml': [cluster('1.31.0'), 2],
  'containerd/1.34-major-2.toml': [cluster('1.34.1'), 2],
  'containerd/registries-major-1.toml': [lab, 1],
  'containerd/registries-major-2.toml': [lab, 2],
}

describe('config.toml', () => {
  it.each(Object.entries(cases))('%s', (name, [wanted, major]) => {
    expectGolden(name, containerdConfig({ cluster: wanted }, major).text)
  })

  it.each([1, 2] as const)(
    'of major %i has the pause image of kubeadm and the cgroup driver of the kubelet',
    (major) => {
      const wanted = cluster('1.28.4')
      expect(containerdConfig({ cluster: wanted }, major).text).toContain(`"${pauseImage(wanted)}"`)
      const driver = (one: Cluster, own = {}) =>
        / SystemdCgroup = (\w+)/.exec(
          containerdConfig({ cluster: one, host: host('worker-1', '10.9.0.31', { kubeletConfiguration: own }) }, major)
            .text,
        )?.[1]
      expect([driver(wanted), driver(lab), driver(wanted, { cgroupDriver: 'cgroupfs' })]).toEqual([
        'true',
        'false',
        'false',
      ])
    },
  )

  it('is secret, and 0600, only with credentials', () => {
    const plain = containerdConfig({ cluster: cluster('1.20.2') }, 1)
    const withPassword = containerdConfig({ cluster: lab }, 1)
    expect([plain.secret, containerdFile(plain).mode]).toEqual([false, 0o644])
    expect([withPassword.secret, containerdFile(withPassword).mode]).toEqual([true, 0o600])
  })

  const containerd = tool('containerd')
  const major = Number(/ v?(\d+)\.\d/.exec(containerd === null ? '' : runTool(containerd, ['--version']).output)?.[1])
  const fitting = Object.values(cases).filter(([, wanted]) => wanted === major)
  it.skipIf(fitting.length === 0).each(fitting)(
    'is read by the containerd of this machine as it is meant',
    (wanted) => {
      const rendered = containerdConfig({ cluster: wanted }, 1)
      const file = temporary(containerdFile(rendered), rendered.text)
      const { status, output } = runTool(containerd ?? '', ['--config', file, 'config', 'dump'])
      expect(status).toBe(0)
      expect(output).toContain(`sandbox_image = "${pauseImage(wanted)}"`)
      expect(output).toContain('config_path = "/etc/containerd/certs.d"')
      expect(output).toContain(`SystemdCgroup = ${String(wanted !== lab)}`)
      expect(output).toContain(`restrict_oom_score_adj = ${String(wanted === lab)}`)
      expect(output).toContain(`root = "${wanted.containerd.dataRoot}"`)
      if (wanted === lab) expect(output).toContain('username = "robot$pull"')
    },
  )
})

describe('hosts.toml', () => {
  it.each(Object.entries(registries))('%s', (name, wanted) => expectGolden(`registry/${name}.toml`, hostsToml(wanted)))

  it('always has a host table: containerd 1.6 cannot read a file without one', () => {
    for (const wanted of Object.values(registries)) expect(hostsToml(wanted)).toMatch(/^\[host\./m)
  })

  it('holds no password, and lies under the name that images bear', () => {
    expect(hostsToml(registries['own-ca'])).not.toContain('p4ss')
    expect(hostsTomlFile(registries['plain-http']).path).toBe('/etc/containerd/certs.d/10.9.0.1:5000/hosts.toml')
    expect(registryCaFile(registries['own-ca'])?.path).toBe('/etc/containerd/certs.d/images.example/ca.crt')
  })
})

describe('the proxy', () => {
  const proxy = { http: 'http://u:p%40"q@proxy:3128', https: null, noProxy: ['10.9.0.0/24', '.cluster.local'] }
  it('golden', () => expectGolden('proxy/drop-in.conf', proxyDropIn(proxy)))

  it('says nothing of what is not set', () => {
    expect(Object.keys(proxyEnvironment({ ...proxy, noProxy: [] }))).toEqual(['HTTP_PROXY', 'http_proxy'])
  })
})
