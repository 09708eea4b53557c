// khactl kubeconfig: which master it takes, what it writes, and what it says when no master is healthy.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fetchKubeconfig } from '../../src/cli/fetch-kubeconfig.js'
import { main } from '../../src/cli/main.js'
import type { Visit } from '../../src/cli/visit.js'
import type { Remains } from '../../src/facts/kubernetes/remains.js'
import { shown } from '../../src/model/command.js'
import { KhactlError } from '../../src/model/error.js'
import { known, unreadable, type Seen } from '../../src/model/fact.js'
import { operator, type HostName } from '../../src/model/host.js'
import type { Host, Inventory } from '../../src/model/inventory.js'
import type { Session } from '../../src/model/session.js'
import { parseKubeconfig } from '../../src/facts/kubernetes/kubeconfig.js'
import { defer } from '../../src/transport/deferred.js'
import { answered, createHost } from '../support/local-host.js'
import { removeScratch } from '../transport/local-shell.js'
import { freePort, noSshd, startSshd } from '../transport/sshd.js'
import { fakeIo } from './fake-io.js'
import { writeInventory } from './real-hosts.js'

const server = 'https://10.0.0.10:6443'
let folder = ''
let adminConf = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'khactl-kubeconfig-'))
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  openssl(
    ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.crt'.split(' '),
    '-subj',
    '/CN=kubernetes',
  )
  openssl(
    ...'req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout me.key -out me.csr'.split(' '),
    '-subj',
    '/CN=admin',
  )
  openssl(...'x509 -req -in me.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out me.crt'.split(' '))
  const data = (name: string) => readFileSync(join(folder, name)).toString('base64')
  adminConf = `apiVersion: v1
kind: Config
clusters:
- { name: lab, cluster: { server: "${server}", certificate-authority-data: ${data('ca.crt')} } }
users:
- name: kubernetes-admin
  user:
    client-certificate-data: ${data('me.crt')}
    client-key-data: ${data('me.key')}
contexts:
- { name: kubernetes-admin@lab, context: { cluster: lab, user: kubernetes-admin } }
current-context: kubernetes-admin@lab
`
})
afterAll(() => rmSync(folder, { recursive: true }))

const master = (name: string): Host => ({ name, roles: ['master'], ssh: { address: name } }) as unknown as Host
const inventoryFor = (file: string, merge: 'no' | 'merge' = 'no') =>
  ({
    cluster: { name: 'lab', endpoint: { vip: '10.0.0.10', port: 6443, dnsName: null }, kubeconfig: { file, merge } },
  }) as unknown as Inventory

/** `slow`: healthy, and answers last. */
const visitTo = (masters: Readonly<Record<string, 'ready' | 'silent' | 'away' | 'slow'>>) => {
  const local = createHost()
  const sent: string[] = []
  const quick = new Set(Object.keys(masters).filter((name) => masters[name] !== 'slow'))
  const others = defer<void>()
  const remains = (ready: boolean): Remains => ({
    ...{ unit: null, initMarker: null, joinMarker: null, etcd: null, kubeadmConfig: null },
    files: new Set(['kubelet.conf', 'admin.conf']),
    servers: { kubelet: server, bootstrap: null, admin: server },
    readyz: ready ? 'ok' : 'silent',
  })
  const visit = {
    emit: () => undefined,
    wires: {
      session: async (host: HostName) => {
        quick.delete(host)
        if (quick.size === 0) others.resolve()
        if (masters[host] === 'slow') await others.promise
        if (masters[host] === 'away')
          throw new KhactlError('ssh.unreachable', { message: `${host} is off`, exit: 'unreachable' })
        return {} as Session
      },
      ports: {
        ...{ emit: () => undefined, now: () => 0, wait: async () => undefined },
        ask: async ({ host, facts }: Parameters<Visit['wires']['ports']['ask']>[0]) => {
          if (host === operator) return answered(local, facts)
          return new Map(
            facts.map(({ key, kind: { name } }): readonly [string, Seen<unknown>] => {
              if (name === 'kubeconfig') return [key, known({ mode: 'rw-------', ...parseKubeconfig(adminConf) })]
              if (masters[host] === 'away') return [key, unreadable('away')]
              return [key, known(remains(masters[host] !== 'silent'))]
            }),
          )
        },
      },
      send: async (host: HostName, command: Parameters<typeof shown>[0], options: object) => {
        sent.push(`${host}: ${shown(command)}`)
        if (host === operator) return local.send(command, options)
        return { status: 0, stdout: Buffer.from(adminConf), stderr: Buffer.alloc(0) }
      },
    },
  } as unknown as Visit
  return { visit, sent }
}

const fetched = async (
  masters: Parameters<typeof visitTo>[0],
  { file = join(folder, 'out/lab.kubeconfig'), merge = 'no' }: { file?: string; merge?: 'no' | 'merge' } = {},
) => {
  const { visit, sent } = visitTo(masters)
  const how = await fetchKubeconfig(visit, {
    inventory: inventoryFor(file, merge),
    masters: Object.keys(masters).map(master),
  })
  return { how, from: sent.filter((line) => !line.startsWith(operator)) }
}

test('takes the first master that is healthy, writes 0600, and leaves a right file alone', async () => {
  const file = join(folder, 'out/lab.kubeconfig')
  const masters = { m1: 'away', m2: 'silent', m3: 'ready', m4: 'slow' } as const
  expect(await fetched(masters)).toEqual({ how: 'Wrote', from: ['m3: cat /etc/kubernetes/admin.conf'] })
  expect(readFileSync(file, 'utf8')).toBe(adminConf)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(await fetched(masters)).toEqual({ how: 'Up to date:', from: [] })
})

test('keeps other clusters with merge, and is refused without', async () => {
  const file = join(folder, 'config')
  writeFileSync(file, 'clusters: [{ name: work, cluster: { server: "https://work" } }]\ncurrent-context: work\n')
  await expect(fetched({ m1: 'ready' }, { file })).rejects.toMatchObject({
    message: `${file} holds other clusters (work); it is not overwritten`,
    details: { exit: 'refused' },
  })
  expect((await fetched({ m1: 'ready' }, { file, merge: 'merge' })).how).toBe('Wrote')
  expect(readFileSync(file, 'utf8')).toMatch(/name: work[^]*name: lab[^]*current-context: work/)
})

test('says of each master why it is not taken', async () => {
  await expect(fetched({ m1: 'away', m2: 'silent' })).rejects.toMatchObject({
    code: 'cluster.no-leader',
    details: { exit: 'failed', tail: ['m1: m1 is off', 'm2: its API server is not a ready one of lab'] },
  })
  await expect(fetched({ m1: 'away', m2: 'away' })).rejects.toMatchObject({ details: { exit: 'unreachable' } })
})

describe.skipIf(noSshd !== '')(`on real hosts${noSshd}`, () => {
  test('contacts masters alone, and ends with a clear error where none is one yet', async () => {
    const sshd = await startSshd()
    const site = join(folder, 'site')
    mkdirSync(site)
    writeInventory(site, {
      sshd,
      hosts: [
        { name: 'lb-1', list: 'haproxy', address: '127.0.0.3', port: await freePort() },
        { name: 'm1', list: 'masters', address: '127.0.0.1', port: sshd.port },
      ],
    })
    const fake = fakeIo({ cwd: site, env: { XDG_STATE_HOME: join(site, 'state') } })
    expect(await main(['kubeconfig', '-o', '-'], fake.io)).toBe(1)
    expect(fake.out()).toBe('')
    expect(fake.err()).toMatch(/^no master of lab is healthy \[cluster\.no-leader\]\n {2}\| m1: its API server is not/)
    await sshd.stop()
    removeScratch()
  })
})
