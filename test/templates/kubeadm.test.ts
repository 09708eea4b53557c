// kubeadm's configuration for four versions, that the YAML reads back as it was meant, and that no secret shows.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { isSecret, secret, shown, wire } from '../../src/model/command.js'
import type { Cluster, Inventory, Json } from '../../src/model/inventory.js'
import { canPatchKubelet, kubeletPatch } from '../../src/templates/kubelet.js'
import {
  certificateSANs,
  kubeadmInitConfig,
  kubeadmInitFlags,
  kubeadmJoinConfig,
  kubeadmJoinFlags,
} from '../../src/templates/kubeadm.js'
import { asObject } from '../../src/templates/merge-json.js'
import { first, host, inventory, masters, workers } from './fixtures.js'
import { expectGolden } from './golden.js'

const versions = ['1.20.2', '1.28.4', '1.31.0', '1.34.1'] as const
const token = secret('123456.1234567890123456')
const certificateKey = secret('5e1d'.repeat(16))
const caCertHashes = [`sha256:${'ab'.repeat(32)}`]
const master = first(masters)
const worker = first(workers)

const rich = (text: string): Inventory => {
  const plain = inventory(text, {
    imageRepository: '10.9.0.1:5000/google_containers',
    certificateSANs: ['api.example', '10.9.0.21'],
    kubeletConfiguration: { maxPods: 200, evictionHard: { 'memory.available': '5%' }, failSwapOn: null },
    kubeProxyConfiguration: { conntrack: { maxPerCore: 0, min: 0 } },
    kubeadmConfiguration: {
      apiServer: { certSANs: ['own.example'], extraArgs: { 'audit-log-maxage': 30, profiling: 'no' } },
      etcd: { local: { extraArgs: { 'quota-backend-bytes': '8589934592' } } },
    },
    skipPhases: ['addon/coredns', 'preflight'],
    ignorePreflightErrors: ['SystemVerification'],
  })
  const { endpoint } = plain.cluster
  const cluster: Cluster = { ...plain.cluster, endpoint: { ...endpoint, dnsName: 'kubeapi.example' } }
  return { ...plain, cluster }
}
const richMaster = host('master-1', '10.9.0.21', {
  taints: [{ key: 'gpu', value: 'yes', effect: 'NoExecute' }],
  kubeletConfiguration: { maxPods: 50 },
})
const join = (wanted: Inventory, joining: { master: boolean }) =>
  kubeadmJoinConfig(wanted, {
    host: joining.master ? master : worker,
    token,
    caCertHashes,
    certificateKey: joining.master ? certificateKey : null,
  })
const documents = (text: string): readonly Json[] =>
  parseAllDocuments(text, { version: '1.1' }).map((document) => document.toJS() as Json)
const kind = (text: string, name: string): Json | undefined =>
  documents(text).find((document) => document['kind'] === name)

describe.each(versions)('kubeadm configuration of %s', (text) => {
  const short = text.split('.').slice(0, 2).join('.')

  it('init', () => expectGolden(`kubeadm/${short}-init.yaml`, kubeadmInitConfig(inventory(text), master)))
  it('init with all settings', () =>
    expectGolden(`kubeadm/${short}-init-rich.yaml`, kubeadmInitConfig(rich(text), richMaster)))
  it.each([
    ['master', true],
    ['worker', false],
  ] as const)('join of a %s', (role, isMaster) => {
    const parts = join(inventory(text), { master: isMaster })
    expectGolden(`kubeadm/${short}-join-${role}.yaml`, shown({ parts }))
    expect(parts.filter(isSecret)).toHaveLength(isMaster ? 2 : 1)
    const read = kind(wire({ parts }), 'JoinConfiguration')
    expect(read).toMatchObject({ discovery: { bootstrapToken: { token: token.reveal(), caCertHashes } } })
    expect(shown({ parts })).not.toContain(token.reveal())
    expect(JSON.stringify(parts)).not.toContain(certificateKey.reveal())
  })

  it('has the operator’s SANs beside khactl’s', () => {
    const read = kind(kubeadmInitConfig(rich(text), richMaster), 'ClusterConfiguration')
    const names = asObject(read?.['apiServer'])['certSANs']
    expect(names).toEqual([
      '10.9.0.10',
      'kubeapi.example',
      'master-1',
      '10.9.0.21',
      'master-2',
      '10.9.0.22',
      'master-3',
      '10.9.0.23',
      '127.0.0.1',
      'localhost',
      'api.example',
      'own.example',
    ])
  })

  it('skips phases where the version takes them, and for the command that has them', () => {
    const { cluster } = rich(text)
    const isOld = text === '1.20.2'
    expect(kubeadmInitFlags(cluster).slice(1)).toEqual(isOld ? ['--skip-phases=addon/coredns,preflight'] : [])
    expect(kubeadmJoinFlags(cluster)).toEqual(isOld ? ['--skip-phases=preflight'] : [])
    const init = kind(kubeadmInitConfig(rich(text), richMaster), 'InitConfiguration')
    expect(init?.['skipPhases']).toEqual(isOld ? undefined : ['addon/coredns', 'preflight'])
    expect(kind(wire({ parts: join(rich(text), { master: true }) }), 'JoinConfiguration')?.['skipPhases']).toEqual(
      isOld ? undefined : ['preflight'],
    )
  })
})

describe('kubeadm configuration', () => {
  it('holds the VIP even for one master (R-K3)', () => {
    const wanted = { ...inventory('1.20.2'), hosts: [master] }
    expect(certificateSANs(wanted)).toEqual(['10.9.0.10', 'master-1', '10.9.0.21', '127.0.0.1', 'localhost'])
  })

  it('leaves a master’s taint to kubeadm, keeps it beside others, and takes it off a master that is a worker', () => {
    const taints = (text: string, one = master) => {
      const read = kind(kubeadmInitConfig(inventory(text), one), 'InitConfiguration')
      return asObject(read?.['nodeRegistration'])['taints']
    }
    const names = (text: string) => (taints(text, richMaster) as Json[]).map(({ key }) => key)
    expect(taints('1.28.4')).toBeUndefined()
    expect(names('1.20.2')).toEqual(['node-role.kubernetes.io/master', 'gpu'])
    expect(names('1.24.0')).toEqual(['node-role.kubernetes.io/master', 'node-role.kubernetes.io/control-plane', 'gpu'])
    expect(names('1.34.1')).toEqual(['node-role.kubernetes.io/control-plane', 'gpu'])
    expect(taints('1.28.4', host('master-1', '10.9.0.21', { roles: ['master', 'worker'] }))).toEqual([])
  })

  it('writes every string so that a YAML 1.1 reader takes it for a string', () => {
    const values = fc.oneof(
      fc.string(),
      fc.constantFrom('yes', 'on', 'no', '1.30', '12:30:45', '0x1f', '~', '1e3', '@a'),
    )
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), values), (settings) => {
        const wanted = inventory('1.34.1', { kubeletConfiguration: settings })
        expect(kind(kubeadmInitConfig(wanted, master), 'KubeletConfiguration')).toMatchObject(settings)
      }),
    )
  })

  it('carries a token of any shape through YAML', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9]{6}\.[a-z0-9]{16}$/), (text) => {
        const parts = kubeadmJoinConfig(inventory('1.34.1'), {
          host: worker,
          token: secret(text),
          caCertHashes,
          certificateKey: null,
        })
        const read = kind(wire({ parts }), 'JoinConfiguration')
        expect(read).toMatchObject({ discovery: { bootstrapToken: { token: text } } })
      }),
    )
  })

  it('patches one host’s kubelet where kubeadm can', () => {
    expect(kubeletPatch(master)).toBeNull()
    expectGolden('kubeadm/kubelet-patch.yaml', kubeletPatch(richMaster) ?? '')
    expect([canPatchKubelet(inventory('1.24.9').cluster), canPatchKubelet(inventory('1.25.0').cluster)]).toEqual([
      false,
      true,
    ])
  })
})
