// A join: gated, with secrets that nobody sees and that are revoked, and tried again only for what a second try mends.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as path } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { always } from '../../src/model/look.js'
import { KhactlError } from '../../src/model/error.js'
import type { HostState } from '../../src/model/host.js'
import { finishJoinStep, joinStep, type Join } from '../../src/steps/kubernetes/join.js'
import { addedMember } from '../../src/templates/kubeadm.js'
import type { Cluster } from '../../src/model/inventory.js'
import { caHashes } from '../../src/steps/kubernetes/mint.js'
import { intentWith, shownChanges } from '../support/sight.js'
import { job, scripted, type Reply, type Sent } from './script.js'

const folder = mkdtempSync(path(tmpdir(), 'khactl-ca-'))
execFileSync(
  'sh',
  ['-c', 'openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=kubernetes -keyout ca.key -out ca.crt'],
  {
    cwd: folder,
    stdio: 'ignore',
  },
)
const ca = readFileSync(path(folder, 'ca.crt'), 'utf8')
afterAll(() => rmSync(folder, { recursive: true }))

const marker = { cluster: 'lab', run: 'r1' }
const fresh: HostState = { kind: 'fresh' }

const stepFor = (role: 'control plane' | 'worker', etcd: Join['etcd'] = null) =>
  joinStep({
    state: always(fresh),
    cluster: 'lab',
    host: { name: 'node-1', nodeIP: '10.0.0.21', role, criSocket: '/run/containerd/containerd.sock' },
    ttlSeconds: 900,
    config: ({ token, certificateKey, caCertHashes }) => [
      'token: ',
      token,
      ...(certificateKey === null ? [] : ['\nkey: ', certificateKey]),
      `\nhashes: ${caCertHashes.join()}`,
    ],
    uploadConfig: role === 'worker' ? null : ({ certificateKey }) => ['upload: ', certificateKey],
    flags: [],
    etcd,
  })

const run = async (role: 'control plane' | 'worker', reply: Reply, etcd: Join['etcd'] = null) => {
  const { at, sent } = scripted((one) => reply(one) ?? standard(one))
  const outcome = await intentWith(stepFor(role, etcd), {})
    .apply(at)
    .then(
      () => null,
      (error: unknown) => error as Error & { code?: string },
    )
  return { outcome, sent, did: sent.flatMap((one) => namesOf(one)) }
}

const standard: Reply = ({ shown }) => {
  if (shown.includes('cat /etc/kubernetes/pki/ca.crt')) return { stdout: ca }
  return shown.includes('@job') ? job(0) : null
}

/** The command's name, by what stands in it. */
const namesOf = ({ host, shown, stdin }: Sent): readonly string[] => {
  const all = `${shown}\n${stdin}`
  const names = {
    'kubeadm join': 'join',
    'kubeadm reset': 'reset',
    'delete secret': 'revoke',
    'patch configmap cluster-info': 'sign',
    'kube apply': 'token',
    'upload-certs --upload-certs': 'upload',
    'endpoint health': 'gate',
    'member list': 'members',
    'delete node': 'forget',
  }
  const found = Object.entries(names).find(([text]) => all.includes(text))
  return found ? [`${host} ${found[1]}`] : []
}

const isJoin = ({ stdin }: Sent): boolean => stdin.includes('kubeadm join --config')

describe('a join', () => {
  test('of a master: gate, token, certificates, join, and both revoked', async () => {
    const { did, outcome } = await run('control plane', () => null)
    expect(outcome).toBeNull()
    expect(did).toEqual(['leader gate', 'leader token', 'leader upload', 'self join', 'leader revoke'])
  })

  test('only where kubeadm adds a member with a vote its start is hastened', async () => {
    const hastened = async (etcd: Join['etcd']) =>
      (await run('control plane', () => null, etcd)).sent.filter(isJoin).map(({ stdin }) => stdin.includes('ss -K'))
    expect([await hastened('voter'), await hastened('learner')]).toEqual([[true], [false]])
    const added = (minor: number) => addedMember({ version: { minor } } as Cluster)
    expect([added(28), added(29)]).toEqual(['voter', 'learner'])
  })

  test('of a worker: no gate and no certificates', async () => {
    const { did } = await run('worker', () => null)
    expect(did).toEqual(['leader token', 'self join', 'leader revoke'])
  })

  test('signs cluster-info with its token before kubeadm looks there', async () => {
    const { did, outcome, sent } = await run('worker', ({ shown }) =>
      shown.includes('kube apply') ? { stdout: `${ca}\n--- cluster-info ---\nclusters: []` } : null,
    )
    expect(outcome).toBeNull()
    expect(did).toEqual(['leader token', 'leader sign', 'self join', 'leader revoke'])
    const id = /"token-id":"(\w{6})"/.exec(sent.map(({ stdin }) => stdin).join('\n'))?.[1]
    expect(sent.find(({ shown }) => shown.includes('patch configmap'))?.shown).toContain(`"jws-kubeconfig-${id}":"`)
  })

  test('hands every secret over on standard input; no command has one in it', async () => {
    const { sent } = await run('control plane', () => null)
    const token = sent.find(({ stdin }) => stdin.includes('token-secret'))?.stdin ?? ''
    const [, id] = /"token-id":"(\w{6})"/.exec(token) ?? []
    const [, key] = /"token-secret":"(\w{16})"/.exec(token) ?? []
    const [, certificateKey] = /upload: ([0-9a-f]{64})/.exec(sent.map(({ stdin }) => stdin).join('\n')) ?? []
    expect([id, key, certificateKey]).not.toContain(undefined)
    expect(sent.find(isJoin)?.stdin).toContain(`token: ${id}.${key}\nkey: ${certificateKey}\nhashes: sha256:`)
    for (const { wire } of sent) {
      expect(wire).not.toContain(key)
      expect(wire).not.toContain(certificateKey)
    }
  })

  test('that fails revokes too, and fails with what kubeadm said', async () => {
    const { did, outcome } = await run('worker', (one) =>
      isJoin(one) ? job(1, ['error execution phase kubelet-start: a Node exists', 'To see the stack trace']) : null,
    )
    expect(did).toEqual(['leader token', 'self join', 'leader revoke'])
    expect(outcome).toMatchObject({
      code: 'kubeadm.failed',
      message: 'kubeadm failed on self: kubelet-start: a Node exists',
    })
  })

  test('with an expired token is tried once more, with another one, after a cleanup', async () => {
    const { did, outcome, sent } = await run('worker', (one) =>
      isJoin(one) ? job(1, ['could not find a JWS signature in the cluster-info ConfigMap for token ID']) : null,
    )
    const once = ['leader token', 'self join', 'leader revoke']
    expect(did).toEqual([...once, 'leader members', 'self reset', 'leader forget', ...once])
    expect(outcome).toMatchObject({ code: 'job.failed' })
    const tokens = sent.flatMap(({ stdin }) => /"token-id":"(\w+)"/.exec(stdin)?.[1] ?? [])
    expect(new Set(tokens).size).toBe(2)
  })

  test('meeting too many learners waits at the gate and is tried again, twice', async () => {
    let times = 0
    const { did, outcome } = await run('control plane', (one) => {
      if (!isJoin(one)) return null
      times += 1
      return times < 3 ? job(1, ['etcdserver: too many learner members in cluster']) : null
    })
    expect(outcome).toBeNull()
    expect(did.filter((one) => one === 'leader gate')).toHaveLength(3)
    expect(did.filter((one) => one === 'self join')).toHaveLength(3)
    expect(did.filter((one) => one === 'self reset')).toHaveLength(2)
  })

  test('does not begin while etcd or an API server is unwell', async () => {
    const { did, outcome } = await run('control plane', ({ shown }) =>
      shown.includes('endpoint health') ? { status: 75, stdout: 'master-2 is a learner of etcd\n' } : null,
    )
    expect(did).toEqual(['leader gate'])
    expect(outcome).toMatchObject({ code: 'etcd.unwell' })
    expect(outcome?.message).toContain('master-2 is a learner of etcd')
  })

  test.each(['control plane', 'worker'] as const)('as %s never wipes a host whose etcd member votes', async (role) => {
    const { did, outcome } = await run(role, (one) => {
      if (isJoin(one)) return job(1, ['too many learner members'])
      return namesOf(one)[0] === 'leader members'
        ? { stdout: 'abc1, started, node-1, https://10.0.0.21:2380, https://10.0.0.21:2379, false\n' }
        : null
    })
    expect(outcome).toMatchObject({ code: 'kubeadm.voter' })
    expect(did).not.toContain('self reset')
  })

  test.each(['ssh.gone', 'ssh.closed'])(
    'that may still be under way (%s) keeps its token and is not tried again',
    async (code) => {
      const { did, outcome } = await run('worker', (one) => {
        if (isJoin(one)) throw new KhactlError(code, { message: 'm', exit: 'failed', tail: ['Unauthorized'] })
        return null
      })
      expect(did).toEqual(['leader token', 'self join'])
      expect(outcome).toMatchObject({ code })
    },
  )

  test('whose connection is lost is waited for again under the same id, with the same token', async () => {
    let lost = 0
    const { did, outcome, sent } = await run('worker', (one) => {
      if (!isJoin(one) || (lost += 1) > 2) return null
      throw new KhactlError('ssh.lost', { message: 'm', exit: 'unreachable' })
    })
    expect(outcome).toBeNull()
    expect(did).toEqual(['leader token', 'self join', 'self join', 'self join', 'leader revoke'])
    const joins = sent.filter(isJoin)
    expect(new Set(joins.map(({ wire }) => / id=(\w+)/.exec(wire)?.[1])).size).toBe(1)
    expect(new Set(joins.map(({ stdin }) => stdin)).size).toBe(1)
    expect(joins.map(({ wire }) => / since=(\d+)/.exec(wire)?.[1] === '0')).toEqual([true, false, false])
  })

  test('that took too long was stopped, and revokes', async () => {
    const { did, outcome } = await run('worker', (one) =>
      isJoin(one) ? { status: 75, stdout: '\n@job started -' } : null,
    )
    expect(did).toEqual(['leader token', 'self join', 'leader revoke'])
    expect(outcome).toMatchObject({ code: 'job.late' })
  })

  test('that was killed with its unit revokes', async () => {
    const { did, outcome } = await run('worker', (one) => (isJoin(one) ? { stdout: '\n@job started -' } : null))
    expect(did).toEqual(['leader token', 'self join', 'leader revoke'])
    expect(outcome).toMatchObject({ code: 'job.unknown' })
  })
})

test.each([
  [marker, 'ok', ['/etc/kubernetes/khactl-join: join not finished → absent']],
  [marker, 'silent', []],
  [null, 'ok', []],
])("a member's stale marker goes away once the cluster confirms it", async (joinMarker, node, changes) => {
  const finish = finishJoinStep({ node: 'w', endpoint: 'https://10.9.0.5:6443' })
  const facts = { 'kubernetes remains': () => ({ joinMarker }), 'node object': () => node }
  expect(shownChanges(finish, facts)).toEqual(changes)
  const { at, sent } = scripted(() => null)
  await intentWith(finish, facts).apply(at)
  expect(sent.map(({ wire }) => wire)).toEqual(['rm -f /etc/kubernetes/khactl-join'])
})

test("a CA's pin is that of openssl", () => {
  const der = execFileSync('openssl', ['x509', '-in', path(folder, 'ca.crt'), '-pubkey', '-noout'])
  const spki = execFileSync('openssl', ['pkey', '-pubin', '-outform', 'der'], { input: der })
  const hex = execFileSync('sha256sum', { input: spki }).toString().slice(0, 64)
  expect(caHashes(`text before\n${ca}`)).toEqual([`sha256:${hex}`])
  expect(caHashes(`${ca}${ca}`)).toHaveLength(2)
})
