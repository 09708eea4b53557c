// ConfigMap kubeadm-config: the same names as a set, the rest of its text untouched; and which master gets which steps.
import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { Cluster } from '../../src/facts/kubernetes/cluster-objects.js'
import type { HostName, HostState } from '../../src/model/host.js'
import type { Json } from '../../src/model/inventory.js'
import { certificateNamesIn, withCertificateNames } from '../../src/steps/kubernetes/certificate-names-text.js'
import { kubeadmConfigMapStep } from '../../src/steps/kubernetes/kubeadm-config-map.js'
import { kubeadmCertificate } from '../../src/tasks/kubeadm/certificate.js'
import { kubeadmConfigMap } from '../../src/tasks/kubeadm/config-map.js'
import { asObject } from '../../src/templates/merge-json.js'
import { kubernetesYaml, yamlDocuments } from '../../src/text/yaml.js'
import { scopeOf } from '../support/scope.js'
import { intentWith, shownChanges } from '../support/sight.js'
import { inventory as inventoryOf } from '../templates/fixtures.js'
import { scripted } from './script.js'

/** As kubeadm 1.20 wrote it on the lab. */
const real = `apiServer:
  certSANs:
  - 10.205.10.100
  - master-1
  - localhost
  extraArgs:
    authorization-mode: Node,RBAC
  timeoutForControlPlane: 4m0s
apiVersion: kubeadm.k8s.io/v1beta2
certificatesDir: /etc/kubernetes/pki
controllerManager: {}
networking:
  dnsDomain: cluster.local
`
const facts = (configuration: string | null) => ({ cluster: (): Partial<Cluster> => ({ configuration }) })

describe('the names in the text', () => {
  test('are all that changes', () => {
    expect(withCertificateNames(real, ['10.205.10.100', 'localhost', 'new'])).toBe(
      real.replace('  - master-1\n', '').replace('localhost\n', 'localhost\n  - new\n'),
    )
  })
  test.each([
    ['no list', real.replace(/ {2}certSANs:\n(?: {2}- .*\n)*/, '')],
    ['an empty apiServer', real.replace(/apiServer:\n(?: .*\n)*/, 'apiServer: {}\n')],
    ['no apiServer', real.replace(/apiServer:\n(?: .*\n)*/, '')],
    ['items deeper than their key', real.replaceAll('  - ', '    - ')],
    ['an empty list', real.replace(/certSANs:\n(?: {2}- .*\n)*/, 'certSANs: []\n')],
    [
      'v1beta4',
      real.replace('v1beta2', 'v1beta4').replace(/extraArgs:\n.*\n/, 'extraArgs:\n  - name: a\n    value: b\n'),
    ],
  ])('%s', (_, text) => {
    const edited = withCertificateNames(text, ['a', '10.0.0.1'])
    expect(certificateNamesIn(edited)).toEqual(['a', '10.0.0.1'])
    const outside = (all: string) => all.slice(all.indexOf('apiVersion'))
    expect(outside(edited)).toBe(outside(text))
  })
  test('in a style that no line edit fits, the meaning stays', () => {
    const text = '{ "apiServer": { "certSANs": ["a"], "x": "yes" }, "kind": "ClusterConfiguration" }\n'
    expect(yamlDocuments(withCertificateNames(text, ['b']))).toEqual([
      { apiServer: { certSANs: ['b'], x: 'yes' }, kind: 'ClusterConfiguration' },
    ])
  })
  test('of any configuration: exactly the names, and everything else as it was', () => {
    const key = fc.constantFrom('apiServer', 'certSANs', 'etcd', 'x', 'apiServer2')
    const leaf = fc.oneof(
      fc.string(),
      fc.constantFrom('yes', '- a', 'certSANs:', '\n  - b\n'),
      fc.integer(),
      fc.boolean(),
    )
    const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
      tree: fc.dictionary(key, fc.oneof({ maxDepth: 3 }, leaf, fc.array(leaf), tie('tree'))) as fc.Arbitrary<Json>,
    }))
    const names = fc.array(fc.oneof(fc.domain(), fc.ipV4(), fc.constant('*.example.test')), { minLength: 1 })
    fc.assert(
      fc.property(tree, names, (configuration, wanted) => {
        const before = yamlDocuments(kubernetesYaml(configuration))[0] as Json
        const after = yamlDocuments(withCertificateNames(kubernetesYaml(configuration), wanted))[0]
        return isDeepStrictEqual(after, {
          ...before,
          apiServer: { ...asObject(before['apiServer']), certSANs: wanted },
        })
      }),
    )
  })
})

describe('the ConfigMap', () => {
  const names = ['localhost', 'master-1', '10.205.10.100']

  test('with the same names in another order is left alone, and so is a cluster without it', () => {
    expect(shownChanges(kubeadmConfigMapStep(names), facts(real))).toEqual([])
    expect(shownChanges(kubeadmConfigMapStep(names), facts(null))).toEqual([])
  })
  test('gets what is missing behind what is there, loses the stale, and only if nobody else wrote it', async () => {
    const step = kubeadmConfigMapStep(['new', 'localhost', '10.205.10.100'])
    expect(shownChanges(step, facts(real))).toEqual([
      'ConfigMap kubeadm-config name new: absent → new',
      'ConfigMap kubeadm-config name master-1: master-1 → absent',
    ])
    const { at, sent } = scripted(() => null)
    await intentWith(step, facts(real)).apply(at)
    const [, json = ''] = /--type json -p '(.*)'$/s.exec(sent[0]?.wire ?? '') ?? []
    const [guard, edit] = JSON.parse(json) as readonly { op: string; path: string; value: string }[]
    expect(guard).toEqual({ op: 'test', path: '/data/ClusterConfiguration', value: real })
    expect(edit).toMatchObject({ op: 'replace', path: '/data/ClusterConfiguration' })
    expect(certificateNamesIn(edit?.value ?? '')).toEqual(['10.205.10.100', 'localhost', 'new'])
    expect(shownChanges(step, facts(edit?.value ?? ''))).toEqual([])
  })
})

describe('the tasks', () => {
  const inventory = inventoryOf('1.20.2')
  const masters = inventory.hosts.filter(({ roles }) => roles.includes('master'))
  const idsOf = (states: readonly HostState['kind'][]) =>
    masters.map((host) => {
      const observed = new Map(masters.map(({ name }, at) => [name, { kind: states[at] ?? 'fresh' } as HostState]))
      return kubeadmCertificate.steps(scopeOf({ inventory, host, observed }), null).map(({ id }) => id)
    })
  const own = ['kubeadm:certificate']
  const last = [...own, 'kubeadm:certificate-names']

  test('the last master that is one asks the endpoint; one that is still to join has its names from kubeadm', () => {
    expect(masters).toHaveLength(3)
    expect(idsOf(['healthy', 'healthy', 'healthy'])).toEqual([own, own, last])
    expect(idsOf(['healthy', 'broken', 'fresh'])).toEqual([own, last, []])
  })
  test('kubeadm init writes the ConfigMap itself', () => {
    const [host] = masters
    if (!host) throw new Error('no master')
    const ids = (founder: HostName | null) =>
      kubeadmConfigMap.steps(scopeOf({ inventory, host, founder }), null).map(({ id }) => id)
    expect(ids(host.name)).toEqual([])
    expect(ids(null)).toEqual(['kubeadm:config-map'])
  })
})
