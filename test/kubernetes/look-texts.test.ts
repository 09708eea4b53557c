// The texts of looks, run for real by this machine's sh in a folder in place of /etc/kubernetes.
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { execFile } from 'node:child_process'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rotationMarks } from '../../src/facts/endpoint/rotation-marks.js'
import { selinuxBoolean } from '../../src/facts/endpoint/selinux-boolean.js'
import { provenName } from '../../src/facts/kubernetes/handshake.js'
import { kubeconfig, kubeconfigContent } from '../../src/facts/kubernetes/kubeconfig.js'
import { apiObject } from '../../src/facts/kubernetes/object.js'
import { remains } from '../../src/facts/kubernetes/remains.js'
import { wire } from '../../src/model/command.js'
import type { Fact, Seen } from '../../src/model/fact.js'

const folder = mkdtempSync(join(tmpdir(), 'khactl-looks-'))
const at = (path: string): string => join(folder, path)
const places: readonly (readonly [string, string])[] = [
  ['/etc/kubernetes', at('kubernetes')],
  ['/sys/fs/selinux', at('selinux')],
  ['/var/lib/selinux', at('lib-selinux')],
  ['/var/lib/etcd', at('etcd')],
  ['/var/lib/kubelet', at('kubelet')],
]
const put = (path: string, text: string): void => {
  mkdirSync(join(at(path), '..'), { recursive: true })
  writeFileSync(at(path), text)
}
afterAll(() => rmSync(folder, { recursive: true }))

const textOf = <V>(facts: readonly Fact<V>[], port = 1): string => {
  const text = wire(facts[0]!.kind.ask(facts.map(({ arg }) => arg as never))).replaceAll('6443', String(port))
  return places.reduce((now, [from, to]) => now.replaceAll(from, to), text)
}
const tell = <V>(
  facts: readonly Fact<V>[],
  of: { stdout: string; stderr: string; status: number },
): readonly Seen<V>[] => {
  const stdout = Buffer.from(places.reduce((now, [from, to]) => now.replaceAll(to, from), of.stdout))
  return facts[0]!.kind.tell(
    { stdout, stderr: Buffer.from(of.stderr), status: of.status },
    facts.map(({ arg }) => arg as never),
  )
}
/** As looks are run: a function of a shell, `leaks` are what it left behind in that shell. */
const ask = <V>(...facts: readonly Fact<V>[]) => {
  const script = `look() {\n${textOf(facts)}\n}\nlook </dev/null; s=$?; echo "$-$IFS" >&2; exit $s`
  const { stdout, stderr, status } = spawnSync('/bin/sh', ['-c', script], { encoding: 'utf8' })
  const flags = stderr.endsWith(' \t\n\n') ? /([a-z]*) \t\n\n$/.exec(stderr)?.[1] : 'IFS was changed'
  return { seen: tell(facts, { stdout, stderr, status: status ?? 1 }), stdout, flags }
}

const conf = `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: Q0E=
    server: https://10.0.0.5:6443
  name: c
users:
- name: u
  user:
    client-certificate-data: Q0VSVA==
    client-key-data: S0VZ
    token: abcdef.0123456789abcdef
`

beforeAll(() => {
  put('kubernetes/kubelet.conf', conf)
  put('kubernetes/bootstrap-kubelet.conf', conf.replace('https://10.0.0.5:6443', '"https://10.0.0.6:6443"'))
  put('kubernetes/khactl-join', 'cluster=lab of ours\nrun=20260101T000000Z\n')
  put('kubernetes/manifests/etcd.yaml', '    - --force-new-cluster=true\n    - --data-dir=/var/lib/etcd\n')
})

test('what lies on a host; nothing secret is printed', () => {
  const { seen, stdout, flags } = ask(remains())
  expect(seen[0]).toMatchObject({
    status: 'known',
    state: {
      files: new Set(['kubelet.conf', 'bootstrap-kubelet.conf', 'manifests/etcd.yaml', 'rebuild']),
      servers: { kubelet: 'https://10.0.0.5:6443', bootstrap: 'https://10.0.0.6:6443', admin: null },
      joinMarker: { cluster: 'lab of ours', run: '20260101T000000Z' },
      readyz: null,
    },
  })
  expect(stdout).not.toMatch(/abcdef|S0VZ|Q0E/)
  expect(flags).not.toContain('f')
})

test('an API server that is not there: why, on one line', () => {
  put('kubernetes/manifests/kube-apiserver.yaml', 'kind: Pod\n')
  const { seen, stdout } = ask(remains())
  expect(seen[0]).toMatchObject({ state: { readyz: 'silent', etcd: 'silent' } })
  expect(stdout.match(/^readyz .*<000>$/gm)).toHaveLength(1)
})

test('a kubeconfig, with its mode or without, one that is not there and a folder', () => {
  const [path, none] = [at('kubernetes/kubelet.conf'), at('none')]
  const { seen, stdout } = ask(
    kubeconfig(path, 'self'),
    kubeconfigContent(path, 'self'),
    ...[none, folder].flatMap((other) => [kubeconfig(other, 'self'), kubeconfigContent(other, 'self')]),
  )
  const state = { clusters: [{ name: 'c', ca: 'CA' }], users: [{ name: 'u', certificate: 'CERT' }] }
  expect(seen.slice(0, 2)).toMatchObject([
    { state: { ...state, mode: 'rw-r--r--' } },
    { state: { ...state, mode: null } },
  ])
  expect(seen.slice(2, 4)).toEqual([
    { status: 'known', state: null },
    { status: 'known', state: null },
  ])
  expect(seen.slice(4).map(({ status }) => status)).toEqual(['unreadable', 'unreadable'])
  expect(stdout).not.toMatch(/abcdef|S0VZ/)
})

test('marks in a folder, in an empty one, in none', () => {
  put('marks/master-1', '')
  put('marks/.hidden', '')
  mkdirSync(at('empty'))
  const { seen } = ask(...['marks', 'empty', 'none'].map((name) => rotationMarks(at(name))))
  expect(seen).toEqual([['master-1', '.hidden'], [], []].map((state) => ({ status: 'known', state })))
})

test.each([
  ['1', '1 1', 'x=0\nb=1', 'on'],
  ['1', '1 1', 'b=1\nb=0\n', 'on until reboot'],
  ['1', '1 1', 'bb=1\n', 'on until reboot'],
  ['1', '0 0', 'b=1\n', 'off'],
  ['0', '1 1', 'b=1\n', 'irrelevant'],
])('a boolean of SELinux: enforce %s, now %s, kept %j: %s', (enforce, now, kept, state) => {
  put('selinux/enforce', enforce)
  put('selinux/booleans/b', now)
  put('lib-selinux/targeted/active/booleans.local', kept)
  const { seen, flags } = ask(selinuxBoolean('b'), selinuxBoolean('other'))
  expect(seen).toEqual([state, 'irrelevant'].map((one) => ({ status: 'known', state: one })))
  expect(flags).not.toContain('IFS')
})

test('objects of an API server: one connection for all, one answer for each', async () => {
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    at('key'),
    '-out',
    at('crt'),
  ]
  const request = ['req', '-x509', '-subj', '/CN=kubernetes', '-addext', 'subjectAltName=DNS:kubernetes', ...key]
  execFileSync('openssl', request, { stdio: 'ignore' })
  mkdirSync(at('kubernetes/pki'), { recursive: true })
  for (const [from, to] of [
    ['crt', 'ca.crt'],
    ['crt', 'apiserver-kubelet-client.crt'],
    ['key', 'apiserver-kubelet-client.key'],
  ] as const)
    copyFileSync(at(from), at(`kubernetes/pki/${to}`))
  const options = { key: execFileSync('cat', [at('key')]), cert: execFileSync('cat', [at('crt')]) }
  let connections = 0
  const server = createServer(options, ({ url = '' }, response) => {
    response.statusCode = Number(url.slice(1, 4))
    response.end('{"kind":"<200>"}\n')
  }).on('secureConnection', () => connections++)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const facts = ['/200/a', '/404/b', '/200/c', '/403/[d]'].map(apiObject)
  const text = textOf(facts, (server.address() as AddressInfo).port)
  const { stdout, stderr } = await promisify(execFile)('/bin/sh', ['-c', text])
  server.close()
  expect(tell(facts, { stdout, stderr, status: 0 })).toEqual([
    { status: 'known', state: 'present' },
    { status: 'known', state: 'absent' },
    { status: 'known', state: 'present' },
    { status: 'unreadable', why: 'the API server did not tell /403/[d]: <403>' },
  ])
  expect(connections).toBe(1)
  const { seen } = ask(...facts)
  expect(seen.map((one) => one.status === 'unreadable' && /<000> curl: \(7\)/.test(one.why))).toEqual(
    facts.map(() => true),
  )
})

test('an address that does not answer is called once, and none is called without a CA to check it by', () => {
  const bin = at('bin')
  mkdirSync(bin, { recursive: true })
  const calls = at('calls')
  const curl = `#!/bin/sh\necho x >>${calls}\nprintf '000 '; exit 7\n`
  writeFileSync(join(bin, 'curl'), curl, { mode: 0o755 })
  const facts = ['a', 'b', 'c'].map((name) => provenName({ address: '10.0.0.5:6443', name }))
  const env = { PATH: `${bin}:/usr/bin:/bin` }
  const told = () => {
    rmSync(calls, { force: true })
    const stdout = execFileSync('/bin/sh', ['-c', textOf(facts, 6443)], { encoding: 'utf8', env })
    const seen = tell(facts, { stdout, stderr: '', status: 0 })
    const count = existsSync(calls) ? readFileSync(calls, 'utf8').length / 2 : 0
    return {
      count,
      said: seen.map((one) => (one.status === 'known' && one.state !== 'ok' ? one.state.why : one.status)),
    }
  }
  rmSync(at('kubernetes/pki'), { recursive: true, force: true })
  const none = 'this host has no /etc/kubernetes/pki/ca.crt'
  expect(told()).toEqual({ count: 0, said: [none, none, none] })
  put('kubernetes/pki/ca.crt', 'a CA')
  const silent = 'nothing answers at 10.0.0.5:6443'
  expect(told()).toEqual({ count: 1, said: [silent, silent, silent] })
})
