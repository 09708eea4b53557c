// Must show 2 to 6: from seven bare hosts to a highly available cluster, and what happens to it then.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { PlanJson } from '../../src/report/plan-json.js'
import { announcedBy, unannounced, undone } from './support/announced.js'
import { eventually, freshLab, type Lab } from './support/lab.js'
import { changesIn, planOf, tail, upOf } from './support/plan.js'
import { startProbe } from './support/probe.js'
import { answered, deployWeb, removeWeb, webPods } from './support/web.js'
import { differences, keepSnapshots, loadSnapshots, snapshot, type HostSnapshot } from './support/snapshot.js'

const lbs = ['haproxy-1', 'haproxy-2'] as const
const masters = ['master-1', 'master-2', 'master-3'] as const
const workers = ['worker-1', 'worker-2'] as const
const hosts = [...lbs, ...masters, ...workers]

let lab: Lab
let vip: string
let bare: PlanJson
const before = new Map<string, HostSnapshot>()

const all = async <T>(names: readonly string[], look: (host: string) => Promise<T>): Promise<ReadonlyMap<string, T>> =>
  new Map(await Promise.all(names.map(async (host): Promise<[string, T]> => [host, await look(host)])))

const holders = async (): Promise<readonly string[]> => {
  const told = await all(lbs, (host) => lab.on(host, 'ip -o addr').catch(() => ''))
  return [...told].filter(([, text]) => text.includes(` ${vip}/`)).map(([host]) => host)
}
const inSync = async (): Promise<void> => {
  const { seen } = await eventually(() => lab.khactl('plan', lab.inventory), {
    within: 300_000,
    every: 5000,
    until: ({ status }) => status === 0,
  })
  expect(seen.stdout).toMatch(/nothing/i)
}
const ready = async (): Promise<readonly string[]> => {
  const text = await lab.kubectl(
    ...['get', 'nodes', '-o'],
    'jsonpath={range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}',
  )
  return text
    .trim()
    .split('\n')
    .filter((line) => line.endsWith(' True'))
    .map((line) => line.split(' ')[0] ?? '')
}

beforeAll(async () => {
  lab = await freshLab('e2e', 'ha')
  const text = readFileSync(lab.inventory, 'utf8')
  vip = /vip: ([\d.]+)/.exec(text)?.[1] ?? ''
  // A label of the operator's own, to be taken away later.
  if (!text.includes('disk: fast'))
    writeFileSync(lab.inventory, text.replace(/(name: worker-1\n(\s+))/, '$1labels: { disk: fast }\n$2'))
})
// The lab stays: 15-membership goes on with its cluster, and takes it down.

describe('bare hosts', () => {
  test('a plan leaves no byte behind that a login running `true` does not', async () => {
    await lab.lab('boot', 'host-1')
    const address = (await lab.on('host-1', 'hostname -I')).trim().split(' ')[0] ?? ''
    const state = dirname(lab.inventory)
    const login = () =>
      lab.lab(
        ...['exec', '--', 'ssh', '-i', join(state, 'id_ed25519'), '-o', 'StrictHostKeyChecking=no'],
        ...['-o', 'UserKnownHostsFile=/dev/null', `root@${address}`, 'true'],
      )
    expect((await login()).status).toBe(0)
    expect((await lab.khactl('plan', lab.inventory)).status).toBe(2)
    for (const host of hosts) before.set(host, await snapshot(lab, host))
    keepSnapshots(lab, before)
    const full = async (host: string) => (await snapshot(lab, host, 'with-times')).files
    const earlier = await all([...hosts, 'host-1'], full)
    bare = await planOf(lab, { exit: 2 })
    expect((await login()).status).toBe(0)
    const later = await all([...hosts, 'host-1'], full)
    const touched = (host: string) => [
      ...differences(earlier.get(host) ?? new Map(), later.get(host) ?? new Map()).keys(),
    ]
    const allowed = new Set(touched('host-1'))
    expect(hosts.flatMap((host) => touched(host).filter((path) => !allowed.has(path)))).toEqual([])
  })

  test('an up that fails half-way says so clearly, and the next one converges', async () => {
    const broken = await upWith(lab, async () => {
      await lab.on('master-2', 'iptables -I OUTPUT -p tcp --dport 5000 -j REJECT')
      await lab.on(
        'master-2',
        'ctr -n k8s.io images ls -q | grep kube-controller-manager | xargs ctr -n k8s.io images rm',
      )
    })
    expect(broken.status, tail(broken)).not.toBe(0)
    expect(broken.stdout).toMatch(/master-2/)
    expect(broken.stdout).toMatch(/kube-controller-manager/)
    await eventually(ready, { within: 60_000, until: (names) => names.includes('master-1') })
    await lab.on('master-2', 'iptables -D OUTPUT -p tcp --dport 5000 -j REJECT')
    await upOf(lab, { exit: 0 })
    expect((await ready()).toSorted()).toEqual([...masters, ...workers].toSorted())
  })

  test('what changed on the hosts is what the plan announced, in both directions', async () => {
    const after = await all(hosts, (host) => snapshot(lab, host))
    const wrong = hosts.flatMap((host) => {
      const [was, is] = [before.get(host), after.get(host)]
      if (!was || !is) return [`${host}: no snapshot`]
      const announced = announcedBy(bare, host)
      return [...unannounced({ was, is, announced }), ...undone({ was, is, announced })].map(
        (text) => `${host}: ${text}`,
      )
    })
    expect(wrong).toEqual([])
  })
})

/** An up during which something is broken while kubeadm init runs. */
const upWith = (of: Lab, breakIt: () => Promise<void>): ReturnType<Lab['khactl']> =>
  new Promise((done, reject) => {
    const tsx = resolve('node_modules/.bin/tsx')
    const child = spawn(
      tsx,
      ['test/lab/main.ts', 'exec', '--', process.execPath, 'dist/cli/main.cjs', 'up', of.inventory, '--yes', '--json'],
      { env: { ...process.env, KHACTL_LAB: 'e2e' } },
    )
    let [stdout, stderr, broke] = ['', '', Promise.resolve()]
    let broken = false
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      if (broken || !/"type":"step-applying"[^\n]*"step":"kubeadm:init"/.test(stdout)) return
      broken = true
      broke = breakIt()
    })
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => {
      broke.then(() => done({ status: code ?? 137, stdout, stderr }), reject)
    })
  })

describe('the finished cluster', () => {
  const servicePids = (host: string) =>
    lab.on(
      host,
      `for u in haproxy keepalived containerd kubelet; do
        systemctl show -p Id -p MainPID -p ActiveEnterTimestampMonotonic "$u" | tr '\\n' ' '; done
       ctr -n k8s.io task ls 2>/dev/null | sort || true`,
    )

  test('is in sync, and a second up changes and restarts nothing, in at most three round trips a host', async () => {
    await inSync()
    const earlier = await all(hosts, servicePids)
    const again = await upOf(lab, { exit: 0 })
    expect(again.changed).toEqual([])
    expect(await all(hosts, servicePids)).toEqual(earlier)
    expect(Object.keys(again.roundTrips).toSorted()).toEqual([...hosts].toSorted())
    expect(Object.entries(again.roundTrips).filter(([, trips]) => trips > 3)).toEqual([])
    console.log('round trips of a no-op up:', JSON.stringify(again.roundTrips))
  })

  test('a scheduler that was just restarted is told at once by plan, and waited for by up', async () => {
    await lab.on('master-3', 'pkill -x kube-scheduler')
    const { seen } = await eventually(() => lab.khactl('plan', lab.inventory), {
      within: 30_000,
      every: 1000,
      until: ({ status }) => status === 8,
    })
    expect(seen.stdout).toContain('kube-scheduler-master-3 was restarted')
    const again = await upOf(lab, { exit: 0 })
    expect(again.changed).toEqual([])
    expect(again.events.map(({ text }) => text)).toContainEqual(expect.stringMatching(/has not settled/))
  })

  test('a plan leaves no byte behind on it either', async () => {
    const full = async (host: string) => (await snapshot(lab, host, 'with-times')).files
    const state = dirname(lab.inventory)
    const addresses = await all(hosts, async (host) => (await lab.on(host, 'hostname -I')).trim().split(' ')[0] ?? '')
    const loginAll = () =>
      Promise.all(
        [...addresses.values()].map((address) =>
          lab.lab(
            ...['exec', '--', 'ssh', '-i', join(state, 'id_ed25519'), '-o', 'StrictHostKeyChecking=no'],
            ...['-o', 'UserKnownHostsFile=/dev/null', `root@${address}`, 'true'],
          ),
        ),
      )
    const start = await all(hosts, full)
    await loginAll()
    const middle = await all(hosts, full)
    await planOf(lab, { exit: 0 })
    const end = await all(hosts, full)
    const touched = (host: string, from: typeof start, to: typeof start) => [
      ...differences(from.get(host) ?? new Map(), to.get(host) ?? new Map()).keys(),
    ]
    const allowed = new Set(hosts.flatMap((host) => touched(host, start, middle)))
    expect(hosts.flatMap((host) => touched(host, middle, end).filter((path) => !allowed.has(path)))).toEqual([])
  })

  test('the kubeconfig was fetched, is private, and names the VIP', () => {
    const file = join(dirname(lab.inventory), 'e2e.kubeconfig')
    expect(existsSync(file)).toBe(true)
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600')
    expect(readFileSync(file, 'utf8')).toContain(`https://${vip}:6443`)
  })

  test('no join token and no certificate key is left, and none in any log', async () => {
    const secrets = await lab.kubectl('-n', 'kube-system', 'get', 'secrets', '-o', 'name')
    expect(secrets.split('\n').filter((name) => /bootstrap-token-|kubeadm-certs/.test(name))).toEqual([])
    const token = /(?<![\w.-])[a-z0-9]{6}\.[a-z0-9]{16}(?![\w.-])/
    const own = join(process.env['XDG_STATE_HOME'] || join(homedir(), '.local/state'), 'khactl/runs')
    const logs = readdirSync(own).filter((name) => name.endsWith('-up.log'))
    expect(logs.length).toBeGreaterThan(0)
    expect(logs.filter((name) => token.test(readFileSync(join(own, name), 'utf8')))).toEqual([])
    for (const host of [...masters, ...workers])
      expect(await lab.on(host, 'cat /run/khactl/run/*.log'), host).not.toMatch(token)
  })

  test('pods of a Deployment on both workers reach each other', async () => {
    await deployWeb(lab)
    const pods = await webPods(lab)
    expect(pods.map(({ spec }) => spec.nodeName).toSorted()).toEqual([...workers])
    await answered(
      lab,
      pods.map(({ status }) => `${status.podIP}:8080`),
    )
  })
})

describe('drift', () => {
  const mended = async (expected: readonly string[]): Promise<void> => {
    const found = await planOf(lab, { exit: 2 })
    expect(changesIn(found)).toEqual([...expected].toSorted())
    const { changed } = await upOf(lab, { exit: 0 })
    expect(changed).toEqual([...expected].toSorted())
    await inSync()
  }

  test('three things changed on three hosts: exactly these in the plan, exactly these mended', async () => {
    await lab.on('worker-1', 'sysctl -qw net.ipv4.ip_forward=0')
    await lab.on('haproxy-2', `sed -i 's/maxconn .*/maxconn 77/' /etc/haproxy/haproxy.cfg`)
    await lab.on('master-2', 'chmod 0666 /etc/containerd/config.toml')
    await mended([
      'worker-1 sysctl net.ipv4.ip_forward',
      'haproxy-2 /etc/haproxy/haproxy.cfg',
      'master-2 /etc/containerd/config.toml mode',
    ])
  })

  test('units, holds, swap, later sysctl files, script modes, labels', async () => {
    await lab.on('worker-2', 'systemctl disable containerd 2>/dev/null')
    await lab.on('master-1', 'apt-mark unhold kubelet')
    await lab.on('worker-1', `echo '/swapfile none swap sw 0 0' >>/etc/fstab`)
    await lab.on('master-3', 'echo net.ipv4.ip_forward=0 >/etc/sysctl.d/99-zzz.conf')
    await lab.on('haproxy-1', 'chmod 0777 /usr/libexec/keepalived/khactl-check-api')
    await lab.kubectl('label', 'node', 'worker-1', 'disk-')
    const found = await planOf(lab, { exit: 2 })
    const told = changesIn(found)
    expect(told.map((line) => line.split(' ')[0])).toEqual(
      ['haproxy-1', 'master-1', 'master-1', 'master-3', 'worker-1', 'worker-2'].toSorted(),
    )
    const { changed } = await upOf(lab, { exit: 0 })
    expect(changed).toEqual(told)
    await inSync()
    expect(await lab.on('worker-2', 'systemctl is-enabled containerd')).toBe('enabled\n')
    expect(await lab.on('master-1', 'apt-mark showhold')).toContain('kubelet')
    expect(await lab.on('haproxy-1', 'stat -c %a /usr/libexec/keepalived/khactl-check-api')).toBe('700\n')
  })
})

describe('a firewall', () => {
  test('that is switched on is opened for the cluster, and nothing else changes', async () => {
    await lab.on('worker-1', 'apt-get install -y -qq ufw >/dev/null 2>&1 && ufw allow 22/tcp && ufw --force enable')
    const told = changesIn(await planOf(lab, { exit: 2 }))
    expect(told).toContain('worker-1 firewall 10250/tcp')
    expect(told.filter((line) => !line.startsWith('worker-1 firewall '))).toEqual([])
    expect((await upOf(lab, { exit: 0 })).changed).toEqual(told)
    await inSync()
    await lab.on('worker-1', 'ufw --force disable')
    await inSync()
    // What ufw left there is nobody's to take away: what worker-1 was is no measure of a reset any more.
    keepSnapshots(lab, new Map([...loadSnapshots(lab)].filter(([host]) => host !== 'worker-1')))
  })
})

describe('the failover drill', () => {
  const flag = '/tmp/khactl-e2e-probe'
  const api = async (within: number) =>
    eventually(
      () =>
        lab.lab(
          'exec',
          '--',
          'curl',
          '-sk',
          '-m',
          '2',
          '-o',
          '/dev/null',
          '-w',
          '%{http_code}',
          `https://${vip}:6443/readyz`,
        ),
      { within, until: ({ stdout }) => stdout === '200' },
    )
  const backWithAll = async () => {
    await eventually(ready, { within: 240_000, every: 2000, until: (names) => names.length === 5 })
    await eventually(holders, { within: 60_000, until: (names) => names.length === 1 })
    await inSync()
  }

  test('the holder of the VIP loses power: the API is back within 5 s', async () => {
    const [holder = ''] = await holders()
    const probe = startProbe(lab, { vip, flag })
    await api(5000)
    await lab.lab('kill', holder)
    await api(30_000)
    const { longestGapMs } = await probe.stop()
    console.log(`power cut of ${holder}: API away for ${longestGapMs} ms`)
    expect(longestGapMs).toBeLessThan(5000)
    await lab.lab('boot', holder)
    await backWithAll()
  })

  test('haproxy freezes on the holder: the VIP moves', async () => {
    const [holder = ''] = await holders()
    const probe = startProbe(lab, { vip, flag })
    await api(5000)
    await lab.on(holder, 'systemctl kill -s STOP haproxy')
    await eventually(holders, { within: 30_000, until: (names) => names.length === 1 && names[0] !== holder })
    await api(15_000)
    const { longestGapMs } = await probe.stop()
    console.log(`frozen haproxy on ${holder}: API away for ${longestGapMs} ms`)
    await lab.on(holder, 'systemctl kill -s CONT haproxy')
    await backWithAll()
  })

  test('one master loses power: the API keeps its answer', async () => {
    const probe = startProbe(lab, { vip, flag })
    await api(5000)
    await lab.lab('kill', 'master-1')
    await api(30_000)
    const { longestGapMs } = await probe.stop()
    console.log(`power cut of master-1: API away for ${longestGapMs} ms`)
    await lab.lab('boot', 'master-1')
    await backWithAll()
  })

  test('all masters reboot at once: the API comes back without khactl', async () => {
    await Promise.all(masters.map((host) => lab.lab('host', host, '--', 'systemctl', 'reboot')))
    await eventually(
      () => lab.lab('exec', '--', 'curl', '-sk', '-m', '2', '-o', '/dev/null', `https://${vip}:6443/readyz`),
      { within: 60_000, until: ({ status }) => status !== 0 },
    )
    const { tookMs } = await api(240_000)
    console.log(`all masters rebooted: API back after ${Math.round(tookMs / 1000)} s`)
    await backWithAll()
  })
})

describe('a Service', () => {
  // The last one: see `answered` on how long the first Service of a young cluster may take.
  test('is reached from both workers after all that', async () => {
    const service = (await lab.kubectl('get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}')).trim()
    await answered(lab, [`${service}:80`])
    await removeWeb(lab)
  })
})
