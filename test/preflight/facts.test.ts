import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { spawn, spawnSync } from 'node:child_process'
import { gzipSync } from 'node:zlib'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clockOffset } from '../../src/facts/preflight/clock.js'
import { disk, parseDisk } from '../../src/facts/preflight/disk.js'
import { listeners, parseProc, parseSs } from '../../src/facts/preflight/listeners.js'
import { machine, parseMachine } from '../../src/facts/preflight/machine.js'
import { packageManager, parsePackageManager } from '../../src/facts/preflight/package-manager.js'
import { imageAnswer, parseStatus } from '../../src/facts/preflight/registry.js'
import { repositoryOffers } from '../../src/facts/preflight/repository.js'
import { parseSurroundings } from '../../src/facts/preflight/surroundings.js'
import { tcpAnswer } from '../../src/facts/preflight/tcp.js'
import { parseTraces, traces } from '../../src/facts/preflight/traces.js'
import { wire } from '../../src/model/command.js'
import type { Fact, Seen } from '../../src/model/fact.js'
import { see } from '../../src/model/look.js'
import { createHost, observe } from '../support/local-host.js'

const here = <V>(fact: Fact<V>): V => {
  const seen = observe(createHost(), see(fact))
  if (seen.status !== 'known') throw new Error(JSON.stringify(seen))
  return seen.state
}

describe('this machine, by its own sh', () => {
  test('is read', () => {
    const found = here(machine())
    expect(found.cpus).toBeGreaterThan(0)
    expect(found.memoryMiB).toBeGreaterThan(100)
    expect(found.hostname).not.toBe('')
    expect(here(disk('/')).freeMiB).toBeGreaterThan(0)
    expect(here(disk('/no/such/folder/here')).mount).toBe('/')
    const { least, most } = here(clockOffset('first'))
    // One machine, one clock; date cuts off what is less than a millisecond.
    expect(least).toBeLessThanOrEqual(0)
    expect(most).toBeGreaterThanOrEqual(-1)
    expect(here(packageManager())).toHaveProperty('unfinished')
    expect(here(traces())).toHaveProperty('paths')
  })

  test('names who listens, with ss and without', async () => {
    const server = createServer()
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    const listening = here(listeners()).find((one) => one.port === port)
    expect(listening).toMatchObject({ protocol: 'tcp', pid: process.pid })
    const bin = binWith(['sed', 'find', 'grep', 'echo'])
    const { kind } = listeners()
    const run = await shell(wire(kind.ask([null as never])), bin)
    const told = kind.tell({ stdout: Buffer.from(run), stderr: Buffer.alloc(0), status: 0 }, [null as never])[0]
    expect(told?.status === 'known' && told.state.find((one) => one.port === port)).toMatchObject({ pid: process.pid })
    server.close()
  })

  test('reaches a port, is refused at another', async () => {
    const server = createServer()
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    const { kind } = tcpAnswer({ address: '127.0.0.1', port })
    const args = [
      { address: '127.0.0.1', port },
      { address: '127.0.0.1', port: 1 },
    ] as never[]
    const stdout = Buffer.from(await shell(wire(kind.ask(args)), process.env['PATH'] ?? ''))
    server.close()
    expect(kind.tell({ stdout, stderr: Buffer.alloc(0), status: 0 }, args)).toEqual([
      { status: 'known', state: 'open' },
      { status: 'known', state: 'refused' },
    ])
  })
})

const folder = mkdtempSync(join(tmpdir(), 'khactl-preflight-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A PATH with these programs alone. */
function binWith(names: readonly string[]): string {
  const bin = mkdtempSync(join(folder, 'bin-'))
  for (const name of names) {
    const found = spawnSync('/bin/sh', ['-c', `PATH=/usr/bin:/bin command -v ${name}`], {
      encoding: 'utf8',
    }).stdout.trim()
    if (found.startsWith('/')) symlinkSync(found, join(bin, name))
  }
  return bin
}

async function shell(script: string, path: string): Promise<string> {
  const child = spawn('/bin/sh', ['-c', script], { env: { PATH: path, LC_ALL: 'C' } })
  const parts: Buffer[] = []
  child.stdout.on('data', (data: Buffer) => parts.push(data))
  await new Promise((done) => child.on('close', done))
  return Buffer.concat(parts).toString('utf8')
}

describe('what a repository and a registry have', () => {
  const packages = `Package: kubelet
Version: 1.20.2-00

Package: kubelet-extra
Version: 9

Package: kubeadm
Architecture: amd64
Version: 1.20.1-00

`
  const primary = `<metadata><package type="rpm"><name>kubelet</name><arch>x86_64</arch><version epoch="0" ver="1.20.2" rel="0"/></package>
<package type="rpm">
  <name>kubeadm</name>
  <version epoch="0" ver="1.20.3" rel="1"/>
</package></metadata>`
  const pages: Readonly<Record<string, Buffer>> = {
    '/flat/Packages.gz': gzipSync(packages),
    '/plain/Packages': Buffer.from(packages),
    '/rpm/repodata/repomd.xml': Buffer.from(
      '<data type="filelists"><location href="repodata/1-filelists.xml.gz"/></data>\n<data type="primary"><location href="repodata/1-primary.xml.gz"/></data>',
    ),
    '/rpm/repodata/1-primary.xml.gz': gzipSync(primary),
    '/v2/kube-apiserver/manifests/v1.20.2': Buffer.from('{}'),
  }
  let server: Server
  let base = ''
  beforeAll(async () => {
    server = createServer((request, response) => {
      const url = request.url ?? ''
      const page = pages[url]
      const status = url.startsWith('/v2/locked/') ? 401 : page ? 200 : 404
      response.writeHead(status, { 'content-length': page?.length ?? 0 })
      response.end(request.method === 'HEAD' ? undefined : page)
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => void server.close())

  const ask = async <V>(fact: Fact<V>, path: string): Promise<Seen<V> | undefined> => {
    const stdout = Buffer.from(await shell(wire(fact.kind.ask([fact.arg as never])), path))
    return fact.kind.tell({ stdout, stderr: Buffer.alloc(0), status: 0 }, [fact.arg as never])[0]
  }

  const tools = ['sed', 'gzip', 'tr', 'grep', 'uname', 'timeout', 'cat', 'dpkg', 'bash', 'sort']
  describe.each(['curl', 'bash'])('asked with %s', (tool) => {
    const path = () => binWith(tool === 'curl' ? [...tools, 'curl'] : tools)
    const repository = (system: 'apt' | 'dnf', where: string) =>
      ask(repositoryOffers({ system, folder: `${base}${where}`, names: ['kubelet', 'kubeadm'], way: null }), path())
    const image = (name: string) =>
      ask(imageAnswer({ servers: [`${base}/v2`], name, tag: 'v1.20.2', tls: 'verified', way: null }), path())

    test.each([
      ['apt', '/flat'],
      ['apt', '/plain'],
    ] as const)('%s %s', async (system, where) => {
      expect(await repository(system, where)).toEqual({
        status: 'known',
        state: {
          kind: 'offers',
          offers: [
            { name: 'kubelet', version: '1.20.2-00' },
            { name: 'kubeadm', version: '1.20.1-00' },
          ],
        },
      })
    })

    test('dnf', async () => {
      expect(await repository('dnf', '/rpm')).toEqual({
        status: 'known',
        state: {
          kind: 'offers',
          offers: [
            { name: 'kubelet', version: '0:1.20.2-0' },
            { name: 'kubeadm', version: '0:1.20.3-1' },
          ],
        },
      })
    })

    test('an address that has none', async () => {
      const seen = await repository('apt', '/nothing')
      expect(seen).toMatchObject({ status: 'known', state: { kind: 'silent', why: expect.stringContaining('404') } })
    })

    test('images', async () => {
      expect(await image('kube-apiserver')).toEqual({ status: 'known', state: { kind: 'there' } })
      expect(await image('locked')).toEqual({ status: 'known', state: { kind: 'locked' } })
      expect(await image('pause')).toEqual({ status: 'known', state: { kind: 'missing' } })
    })
  })

  test('without curl HTTPS and proxies cannot be asked, and that is said', async () => {
    const path = binWith(tools)
    const proxied = { http: 'http://proxy:3128', https: null, noProxy: [] }
    const question = { servers: [`${base}/v2`], name: 'x', tag: '1', tls: 'verified', way: proxied } as const
    expect(await ask(imageAnswer(question), path)).toEqual({ status: 'unreadable', why: 'needs curl' })
    const tls = { system: 'apt', folder: 'https://127.0.0.1/x', names: ['a'], way: null } as const
    expect(await ask(repositoryOffers(tls), path)).toEqual({ status: 'unreadable', why: 'needs curl' })
  })

  test('what curl says of a failure', () => {
    expect(parseStatus('curl: (7) Failed to connect to 10.0.0.1 port 5000: Connection refused 000')).toEqual({
      kind: 'silent',
      why: 'Failed to connect to 10.0.0.1 port 5000: Connection refused',
    })
    expect(parseStatus('503')).toEqual({ kind: 'silent', why: 'HTTP status 503' })
  })
})

describe('parsers', () => {
  test('a machine', () => {
    const text = [
      '4039000',
      'systemd',
      '0-1',
      '0',
      '',
      'abc',
      'ABC-1',
      'h',
      'there\n10.0.0.1\n10.0.0.2\n',
      '/sys/fs/cgroup tmpfs ro\n/tmp tmpfs rw,noexec\n/sys/fs/cgroup cgroup2 rw,nosuid\n',
      'http_proxy=x',
      'end',
      '',
    ]
    expect(parseMachine(text.join('\0'))).toEqual({
      cpus: 2,
      memoryMiB: 3944,
      init: 'systemd',
      uid: 0,
      cgroup: 'v2',
      container: null,
      machineId: 'abc',
      productUuid: 'abc-1',
      hostname: 'h',
      nameservers: ['10.0.0.1', '10.0.0.2'],
      tmp: 'rw,noexec',
      proxies: ['http_proxy=x'],
    })
    expect(parseMachine(text.slice(0, 5).join('\0'))).toBeNull()
    expect(parseMachine(text.with(8, '').join('\0'))?.nameservers).toBeNull()
  })

  test('a disk, also one without a number of inodes', () => {
    const space = '/dev/vda1         264212084 25170756  81220156      24% /var/lib/my data'
    expect(parseDisk(space, '/dev/vda1 16777216 1000 16776216 1% /var/lib/my data')).toEqual({
      mount: '/var/lib/my data',
      freeMiB: 79_316,
      freeInodes: 16_776_216,
    })
    expect(parseDisk(space, 'btrfs 0 0 0 - /')?.freeInodes).toBeNull()
    expect(parseDisk(undefined, undefined)).toBeNull()
  })

  test('listeners', () => {
    expect(
      parseSs([
        'tcp   LISTEN 0      4096         0.0.0.0:6443      0.0.0.0:*    users:(("haproxy",pid=681,fd=7))',
        'tcp   LISTEN 0      4096            [::]:10250        [::]:*    users:(("kubelet",pid=9,fd=1),("x",pid=2,fd=3))',
        'udp   UNCONN 0      0            0.0.0.0:8472      0.0.0.0:*',
        'tcp   LISTEN 0      128    127.0.0.1%lo:53   0.0.0.0:*    users:(("systemd-resolve",pid=5,fd=17))',
      ]).map(({ protocol, port, process: by, pid }) => `${protocol} ${port} ${by} ${pid}`),
    ).toEqual(['tcp 6443 haproxy 681', 'tcp 10250 kubelet 9', 'udp 8472 null null', 'tcp 53 systemd-resolve 5'])
    expect(
      parseProc([
        'tcp   0: 00000000:192B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0',
        'tcp   1: 0100007F:0016 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 100 0 0 10 0',
        'udp   2: 00000000:2118 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 0 2 0 0',
        '@ socket:[4711] /proc/681/fd',
        '# /proc/681/comm:haproxy',
      ]),
    ).toEqual([
      { protocol: 'tcp', port: 6443, process: 'haproxy', pid: 681 },
      { protocol: 'udp', port: 8472, process: null, pid: null },
    ])
  })

  test('a package manager at work and one that was interrupted', () => {
    expect(parsePackageManager('holder 812 /usr/bin/python3 /usr/bin/unattended-upgrade \nend\n')).toEqual({
      holder: { pid: 812, command: '/usr/bin/python3 /usr/bin/unattended-upgrade' },
      unfinished: [],
    })
    expect(parsePackageManager('unfinished dpkg\nunfinished haproxy\nend\n').unfinished).toEqual(['dpkg', 'haproxy'])
  })

  test('traces', () => {
    expect(
      parseTraces('path /etc/kubernetes/manifests/etcd.yaml\ncni /etc/cni/net.d/87-podman.conflist\nend\n'),
    ).toEqual({
      paths: ['/etc/kubernetes/manifests/etcd.yaml'],
      cni: ['/etc/cni/net.d/87-podman.conflist'],
    })
  })

  test('surroundings: lines of the two probes in any order', () => {
    expect(parseSurroundings('vrrp 10.0.0.9 77\narp mac 02:4b:0a:de:bf:65\nvrrp end\n')).toEqual({
      answer: { status: 'known', state: { kind: 'somebody', mac: '02:4b:0a:de:bf:65' } },
      speakers: { status: 'known', state: [{ source: '10.0.0.9', routerId: 77 }] },
    })
    expect(parseSurroundings('arp needs bash\nvrrp needs perl or python3\nvrrp end\n')).toEqual({
      answer: { status: 'unreadable', why: 'needs bash' },
      speakers: { status: 'unreadable', why: 'needs perl or python3' },
    })
    expect(parseSurroundings('arp nobody\n').speakers).toEqual({ status: 'unreadable', why: 'listening was cut off' })
  })
})
