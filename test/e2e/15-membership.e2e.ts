// Must show 1 to 8 of a living cluster: it grows, shrinks, is repaired and given back, while two clients read through the VIP.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hostOf } from '../lab/profiles.js'
import { unjustified } from './support/after-reset.js'
import { startClients } from './support/clients.js'
import { listed } from './support/cluster.js'
import { continuedLab, eventually, reused, type Lab } from './support/lab.js'
import { agrees, command, finish, killedAt, labName, startWatch } from './support/members.js'
import { tail } from './support/plan.js'
import { loadSnapshots, snapshot, type HostSnapshot } from './support/snapshot.js'

let lab: Lab
let vip: string
let bare: Map<string, HostSnapshot>

const newcomers = ['master-4', 'master-5', 'master-6', 'master-7', 'haproxy-3']
const watched = ['haproxy-1', 'haproxy-2', 'haproxy-3', ...[1, 2, 3, 4, 5, 6, 7].map((number) => `master-${number}`)]
const spec = (name: string): string => `name=${name},address=${hostOf(labName, name, 'deb').address}`
const hosts = (...names: readonly string[]): readonly string[] => names.flatMap((name) => ['--host', spec(name)])
const on = (): readonly string[] => ['-i', lab.inventory]

const forgetSnapshots = (): void => {
  const folder = join(process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'khactl', 'snapshots')
  for (const file of existsSync(folder) ? readdirSync(folder) : [])
    if (file.startsWith(`etcd-${labName}-`)) rmSync(join(folder, file))
}

const holderOfVip = async (): Promise<string> => {
  for (const host of listed(lab, 'haproxy')) if ((await lab.on(host, 'ip -o addr')).includes(` ${vip}/`)) return host
  return ''
}

beforeAll(async () => {
  lab = await continuedLab(labName, 'ha')
  vip = /vip: ([\d.]+)/.exec(readFileSync(lab.inventory, 'utf8'))?.[1] ?? ''
  bare = loadSnapshots(lab)
  for (const host of newcomers) {
    expect((await lab.lab('boot', host)).status).toBe(0)
    if (!bare.has(host)) bare.set(host, await snapshot(lab, host))
  }
})
afterAll(async () => {
  if (!reused) await lab?.lab('down')
})

describe('growing and shrinking', () => {
  test('two masters come, the first master and one more go: no read fails', async () => {
    const watch = await startWatch(lab, { vip, hosts: watched })
    await command(lab, 0, 'add-master', lab.inventory, ...hosts('master-4', 'master-5'))
    await agrees(lab)
    await command(lab, 0, 'remove', 'master-1', 'master-2', ...on())
    await watch.clean()
    await agrees(lab)
    expect(listed(lab, 'masters')).toEqual(['master-3', 'master-4', 'master-5'])
  })

  test('added again it changes nothing, and of 200 workers that are down none is spoken to', async () => {
    const crowd = lab.inventory.replace(/\.yaml$/, '.crowd.yaml')
    const other = hostOf(labName, 'master-4', 'deb').address.replace(/\.\d+$/, '')
    const [a, b, c] = other.split('.').map(Number)
    const range = `${a}.${b}.${((c ?? 0) + 1) % 256}.[1:200]`
    const text = readFileSync(lab.inventory, 'utf8')
    writeFileSync(crowd, `${text.trimEnd()}\n  - name: extra-[001:200]\n    address: "${range}"\n`)
    const again = await command(lab, 0, 'add-master', crowd, ...hosts('master-4'))
    expect(again.changed).toEqual([])
    const spoken = again.events.flatMap((event) => (event['type'] === 'connecting' ? [String(event['host'])] : []))
    expect(spoken.toSorted()).toEqual([...listed(lab, 'haproxy'), ...listed(lab, 'masters')].toSorted())
    rmSync(crowd)
  })
})

describe('losses', () => {
  test('a master loses its power for good: status tells, and whatever would cost the quorum is refused with the arithmetic', async () => {
    await lab.lab('kill', 'master-5')
    const { seen } = await eventually(() => lab.khactl('status', lab.inventory, '--quick'), {
      within: 60_000,
      until: ({ stdout }) => /master-5/.test(stdout) && /lose/.test(stdout),
    })
    expect([1, 4]).toContain(seen.status)
    const refused = await lab.khactl('remove', 'master-3', ...on(), '--yes')
    expect(refused.status, tail(refused)).toBe(9)
    expect(refused.stderr).toMatch(/2 members, 1 answers, 2 are needed/)
    const alive = await lab.khactl('remove', 'master-3', '--dead', ...on(), '--yes')
    expect(alive.status).toBe(9)
    expect(alive.stderr).toMatch(/declared dead, but it answers/)
    expect(listed(lab, 'masters')).toEqual(['master-3', 'master-4', 'master-5'])
  })

  test('it is replaced: three healthy members, no orphan', async () => {
    await command(lab, 0, 'replace', 'master-5', '--dead', '--with', spec('master-6'), ...on())
    await agrees(lab)
    expect(listed(lab, 'masters')).toEqual(['master-3', 'master-4', 'master-6'])
  })

  test('no cluster is made beside a master that cannot be reached', async () => {
    const lonely = lab.inventory.replace(/\.yaml$/, '.lonely.yaml')
    const text = readFileSync(lab.inventory, 'utf8').replace(
      /^masters:\n(?: .*\n)+/m,
      `masters:\n  - ${entry('master-7')}\n  - ${entry('master-8')}\n  - ${entry('master-9')}\n`,
    )
    writeFileSync(lonely, text.replace(/^workers:\n(?: .*\n)+/m, 'workers: []\n'))
    const refused = await lab.khactl('up', lonely, '--yes')
    expect(refused.status, tail(refused)).toBe(9)
    expect(refused.stderr).toMatch(/no master is healthy, but the cluster may exist: master-8 is unreachable/)
    rmSync(lonely)
  })

  const entry = (name: string): string => `{ name: ${name}, address: ${hostOf(labName, name, 'deb').address} }`
})

describe('runs that are killed', () => {
  test('in the middle of add-master at each of its steps: up brings the master in', async () => {
    const before = listed(lab, 'masters')
    const add = ['add-master', lab.inventory, ...hosts('master-7')]
    const up = ['up', lab.inventory]
    expect(await killedAt([/^packages:containerd$/], ...add)).not.toBeNull()
    expect(listed(lab, 'masters')).toContain('master-7')
    for (const step of [/^packages:kubernetes$/, /^kubernetes:images$/, /^kubeadm:join$/, /^config:haproxy/])
      expect(await killedAt([step], ...up), step.source).not.toBeNull()
    await finish(lab)
    await agrees(lab)
    expect(listed(lab, 'masters')).toEqual([...before, 'master-7'])
  })

  test('in the middle of remove at each of its steps: up ends the removal', async () => {
    const [first = '', ...others] = listed(lab, 'masters')
    const remove = ['remove', first, ...on()]
    const up = ['up', lab.inventory]
    // One that is younger than a quarter of an hour would serve this removal too.
    forgetSnapshots()
    expect(await killedAt([/^etcd:snapshot$/], ...remove)).not.toBeNull()
    expect(readFileSync(lab.inventory, 'utf8')).toMatch(/state: absent/)
    const steps = new Set([
      /^backend:/,
      /^config:haproxy/,
      /^node:drain$/,
      /^etcd:leave$/,
      /^kubeadm:leave$/,
      /^node:forget/,
      /^clean:files$/,
    ])
    // A short step may be over before the blow falls: each `up` is killed at the first step that has not been hit yet.
    const killed: string[] = []
    for (let at = await killedAt([...steps], ...up); at !== null; at = await killedAt([...steps], ...up)) {
      killed.push(at.source)
      steps.delete(at)
    }
    console.log(`killed at: ${killed.join(', ')}`)
    expect(killed.length).toBeGreaterThanOrEqual(4)
    await finish(lab)
    await agrees(lab)
    expect(listed(lab, 'masters')).toEqual(others)
  })
})

describe('the endpoint', () => {
  test('a haproxy host comes, the holder of the VIP goes: no read fails', async () => {
    const watch = await startWatch(lab, { vip, hosts: watched })
    await command(lab, 0, 'add-haproxy', lab.inventory, ...hosts('haproxy-3'))
    await agrees(lab)
    const holder = await holderOfVip()
    await command(lab, 0, 'remove', holder, ...on())
    await watch.clean()
    await agrees(lab)
    expect(listed(lab, 'haproxy')).not.toContain(holder)
  })

  test('an API server freezes right after a reload: clients recover within 10 s', async () => {
    const clients = await startClients(lab, { name: labName, vip })
    const holder = await holderOfVip()
    await lab.on(holder, 'systemctl reload haproxy')
    const [, frozenHost = ''] = listed(lab, 'masters')
    await lab.on(frozenHost, 'pkill -STOP -x kube-apiserver')
    const frozen = Date.now()
    // Not a wait for something: this long is looked at how reads fare.
    await new Promise((next) => setTimeout(next, 16_000))
    await lab.on(frozenHost, 'pkill -CONT -x kube-apiserver')
    const { tls, http2 } = await clients.stop()
    const late = [...tls.failures, ...http2.failures].map(({ at }) => Date.parse(at) - frozen)
    console.log(`frozen API server: last failed read ${Math.max(0, ...late)} ms after it froze`)
    expect(late.filter((ms) => ms > 10_000)).toEqual([])
    await eventually(() => lab.khactl('plan', lab.inventory), { within: 120_000, until: ({ status }) => status === 0 })
  })
})

describe('giving it all back', () => {
  test('reset of everything: what differs from the bare hosts is listed and justified', async () => {
    const cluster = /^ +name: (\S+)$/m.exec(readFileSync(lab.inventory, 'utf8'))?.[1] ?? ''
    const refused = await lab.khactl('reset', lab.inventory, '--confirm', 'another')
    expect(refused.status).not.toBe(0)
    const outcome = await lab.khactl('reset', lab.inventory, '--confirm', cluster)
    expect(outcome.status, tail(outcome)).toBe(0)
    const all = [...listed(lab, 'haproxy'), ...listed(lab, 'masters'), ...listed(lab, 'workers')]
    const wrong: string[] = []
    let compared = 0
    for (const host of all) {
      const before = bare.get(host)
      if (before === undefined) continue
      compared += 1
      wrong.push(...unjustified(before, await snapshot(lab, host)).map((text) => `${host}: ${text}`))
    }
    expect(wrong).toEqual([])
    // All of them behind 10-ha, which keeps what they were; newcomers at least without it.
    expect(compared).toBeGreaterThanOrEqual(1)
  })

  test('up makes a cluster of them again', async () => {
    const [haproxy = '', master = '', worker = ''] = [
      listed(lab, 'haproxy')[0],
      listed(lab, 'masters')[0],
      listed(lab, 'workers')[0],
    ]
    const small = join(lab.inventory, '..', 'small.yaml')
    const only = (text: string, list: string, name: string): string =>
      text.replace(
        new RegExp(`^${list}:\\n(?: .*\\n)+`, 'm'),
        `${list}:\n  - { name: ${name}, address: ${hostOf(labName, name, 'deb').address} }\n`,
      )
    const text = readFileSync(lab.inventory, 'utf8')
    writeFileSync(small, only(only(only(text, 'haproxy', haproxy), 'masters', master), 'workers', worker))
    const outcome = await lab.khactl('up', small, '--yes')
    expect(outcome.status, tail(outcome)).toBe(0)
    expect((await lab.khactl('plan', small)).status).toBe(0)
    if (existsSync(small)) rmSync(small)
  })
})
