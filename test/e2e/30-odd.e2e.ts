// Must show 1 and 5 of hosts as they are found: every host odd in another way, and no secret anywhere it should not be.
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pathsOf } from '../lab/paths.js'
import { secretNames, secretOf } from '../lab/odd/secrets.js'
import { allowed } from './support/canary/allowed.js'
import { mintedIn, planted, plantedKey, type Planted } from './support/canary/needles.js'
import { searchHost } from './support/canary/places.js'
import { searchFolder, searchText, type Hit } from './support/canary/search.js'
import { watchProcesses, type Watch } from './support/canary/watch.js'
import { failingKubeadm, realKubeadm, slowKubeadm, unjoin } from './support/join-stand-ins.js'
import { eventually, freshLab, killedWhen, reused, type Lab, type Outcome } from './support/lab.js'
import { readEvents, tail } from './support/plan.js'

const name = 'e2e-odd'
const masters = ['master-1', 'master-2', 'master-3'] as const
const workers = ['worker-1', 'worker-2', 'worker-3'] as const
const hosts = ['haproxy-1', 'haproxy-2', ...masters, ...workers]

let lab: Lab
let work: string
let watch: Watch | null = null
const begun = new Date()
/** Everything khactl said, by the command that said it. */
const said = new Map<string, string>()

const khactl = async (what: string, ...args: readonly string[]): Promise<Outcome> => {
  const outcome = await lab.khactl(...args)
  said.set(`${what}: stdout`, outcome.stdout)
  said.set(`${what}: stderr`, outcome.stderr)
  return outcome
}

const ready = async (): Promise<readonly string[]> => {
  const text = await lab.kubectl('get', 'nodes', '--no-headers')
  return text.split('\n').flatMap((line) => (/ Ready /.test(line) ? [line.split(' ')[0] ?? ''] : []))
}

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'khactl-odd-'))
  for (const folder of ['state', 'tmp']) mkdirSync(join(work, folder), { mode: 0o700 })
  lab = await freshLab(name, 'odd', { XDG_STATE_HOME: join(work, 'state'), TMPDIR: join(work, 'tmp') })
  watch = await watchProcesses(name, { hosts: [...hosts, 'host-1'], folder: join(work, 'processes') })
})
afterAll(async () => {
  await watch?.stop().catch(() => undefined)
  if (!reused) await lab.lab('down')
  rmSync(work, { recursive: true, force: true })
})

describe('a cluster of odd hosts', () => {
  test('is what the lab says it is: what is behind the bastion answers nobody else', async () => {
    const { status } = await lab.lab('exec', '--', 'bash', '-c', 'exec 3<>/dev/tcp/172.31.77.2/22')
    expect(status).not.toBe(0)
    const told = await lab.on('host-1', 'exec 2>&1; ss -Htnl; cat /proc/1/comm')
    expect(told).toContain(':2200')
  })

  test('a plan of the bare hosts reaches each of them', async () => {
    const text = await khactl('plan -v', 'plan', lab.inventory, '--verbose')
    expect(text.status, tail(text)).toBe(2)
    const json = await khactl('plan --json', 'plan', lab.inventory, '--json')
    expect(json.status, tail(json)).toBe(2)
    const { entries } = JSON.parse(json.stdout) as { readonly entries: readonly { readonly host: string }[] }
    expect([...new Set(entries.map(({ host }) => host))].toSorted()).toEqual([...hosts].toSorted())
  })

  test('up ends with a cluster that is Ready', async () => {
    const started = performance.now()
    const outcome = await khactl('up --json -v', 'up', lab.inventory, '--yes', '--json', '--verbose')
    expect(outcome.status, tail(outcome)).toBe(0)
    console.log(`up on odd hosts: ${Math.round((performance.now() - started) / 1000)} s`)
    await eventually(ready, { within: 120_000, until: (names) => names.length === masters.length + workers.length })
  })

  test('a plan says that nothing is to do, and a second up changes nothing in at most four round trips a host', async () => {
    await eventually(() => khactl('plan of nothing', 'plan', lab.inventory), {
      within: 120_000,
      every: 3000,
      until: ({ status }) => status === 0,
    })
    const again = await khactl('second up', 'up', lab.inventory, '--yes', '--json', '--verbose')
    expect(again.status, tail(again)).toBe(0)
    const { changed, roundTrips } = readEvents(again.stdout)
    expect(changed).toEqual([])
    expect(Object.keys(roundTrips).toSorted()).toEqual([...hosts].toSorted())
    expect(Object.entries(roundTrips).filter(([, trips]) => trips > 4)).toEqual([])
    console.log('round trips of a no-op up on odd hosts:', JSON.stringify(roundTrips))
  })
})

describe('secrets', () => {
  const wrong = `wrong pw's "${randomBytes(8).toString('hex')}"`
  const decoy = `decoy-${randomBytes(8).toString('hex')}`

  test('are in no error: of a wrong password, of a file that cannot be written, of a join that prints what it was given', async () => {
    const folder = dirname(lab.inventory)
    writeFileSync(join(folder, 'secrets/wrong-password'), `${wrong}\n`, { mode: 0o600 })
    const other = join(folder, 'wrong.yaml')
    writeFileSync(other, readFileSync(lab.inventory, 'utf8').replace('secrets/sudo-password', 'secrets/wrong-password'))
    const refused = await khactl('plan with a wrong password', 'plan', other, '--verbose')
    expect(refused.status, tail(refused)).not.toBe(0)
    expect(refused.stderr).toMatch(/master-1/)

    const file = '/etc/keepalived/keepalived.conf'
    await lab.on('haproxy-2', `echo '# changed' >>${file} && mount --bind ${file} ${file}`)
    const busy = await khactl('up on a file that cannot be replaced', 'up', lab.inventory, '--yes', '--verbose')
    expect(busy.status, tail(busy)).not.toBe(0)
    expect(busy.stdout).toContain(file)
    await lab.on('haproxy-2', `umount ${file}`)

    await unjoin(lab, 'worker-1')
    await failingKubeadm(lab, 'worker-1')
    const failed = await khactl('up with a join that fails', 'up', lab.inventory, '--yes', '--verbose')
    expect(failed.status, tail(failed)).not.toBe(0)
    expect(failed.stdout).toContain('the join of this test fails with ***')
    await realKubeadm(lab, 'worker-1')
  })

  test('made for a join are gone once the run after a SIGKILL has ended', async () => {
    const minted = async (): Promise<readonly string[]> =>
      (await lab.kubectl('-n', 'kube-system', 'get', 'secrets', '-o', 'name'))
        .split('\n')
        .filter((line) => /bootstrap-token-|kubeadm-certs/.test(line))
    await slowKubeadm(lab, 'worker-1')
    const killed = await killedWhen(name, {
      args: ['up', lab.inventory, '--yes', '--json', '--verbose'],
      env: { XDG_STATE_HOME: join(work, 'state'), TMPDIR: join(work, 'tmp') },
      when: () =>
        lab.on('worker-1', 'test -s /run/khactl/run/kubeadm-join.in').then(
          () => true,
          () => false,
        ),
    })
    said.set('killed up: stdout', killed.stdout)
    said.set('killed up: stderr', killed.stderr)
    expect(await minted(), 'there is something to revoke').not.toEqual([])
    const next = await khactl('up after a SIGKILL', 'up', lab.inventory, '--yes', '--json', '--verbose')
    expect(next.status, tail(next)).toBe(0)
    expect(await minted()).toEqual([])
    for (const host of hosts) expect(await lab.on(host, 'ls /run/khactl/run'), host).not.toMatch(/\.(in|sh)$/m)
    await eventually(ready, { within: 60_000, until: (names) => names.includes('worker-1') })
    await realKubeadm(lab, 'worker-1')
  })

  test('are nowhere but where a program needs them', async () => {
    // What finds nothing must be able to find: one that is not hidden is planted in each kind of place.
    await lab.on(
      'worker-2',
      `echo ${decoy} >/root/decoy; echo ${decoy} >/run/decoy; echo ${decoy} | systemd-cat; DECOY=${decoy} sh -c 'sleep 0.5; true' ${decoy}`,
    )
    const folder = watch?.folder ?? ''
    const sampled = await watch?.stop()
    watch = null
    expect(sampled?.samples).toBeGreaterThan(100)
    const secrets = await everySecret(folder, wrong)
    const both = [...secrets, planted('decoy', decoy)]

    const hits: Hit[] = []
    let places = said.size
    for (const [place, text] of said) hits.push(...searchText(place, { text, secrets: both }))
    const folders = [
      { at: 'state', path: join(work, 'state'), leaveOut: [] },
      { at: 'tmp', path: join(work, 'tmp'), leaveOut: [] },
      { at: 'processes', path: folder, leaveOut: ['minted'] },
      { at: 'inventory', path: dirname(lab.inventory), leaveOut: ['www', 'packages-deb', 'agent.sock'] },
    ]
    for (const { at, path, leaveOut } of folders) {
      const found = await searchFolder(path, { secrets: both, work, leaveOut })
      places += found.files
      hits.push(...found.hits.map(({ place, secret }) => ({ place: `${at}:${place}`, secret })))
    }
    for (const host of [...hosts, 'host-1']) {
      const found = await searchHost(lab, { name, host, secrets: both, work, since: begun })
      places += found.places
      hits.push(...found.hits)
    }
    const decoys = hits.filter(({ secret }) => secret === 'decoy').map(({ place }) => place)
    for (const place of [
      'processes:/cmdline',
      'processes:/environ',
      'worker-2:/root/decoy',
      'worker-2:/run/decoy',
      'worker-2: journal',
    ])
      expect(decoys, place).toContain(place)

    const found = hits.filter(({ secret }) => secret !== 'decoy')
    const bad = found.filter((hit) => !allowed(hit))
    for (const place of new Set(found.filter(allowed).map((hit) => hit.place))) {
      const [host = '', path = ''] = place.split(':')
      if (!hosts.includes(host)) continue
      expect(await lab.on(host, `stat -c %a '${path}' 2>/dev/null || echo gone`), place).toMatch(/^([0-7]00|gone)\n$/)
    }
    const { samples = 0, processes = 0, everyMs = 0, longestMs = 0 } = sampled ?? {}
    console.log(`processes sampled ${processes}, ${samples} times, every ${everyMs} ms, at most ${longestMs} ms apart`)
    console.log(`secrets planted ${secrets.length}, places searched ${places}, hits ${bad.length}`)
    expect(bad).toEqual([])
  })
})

const everySecret = async (folder: string, wrong: string): Promise<readonly Planted[]> => {
  const paths = pathsOf(name)
  const keys = [paths.key, ...['bastion', 'encrypted', 'certified'].map((key) => join(paths.state, `id_${key}`))]
  const minted = mintedIn(folder)
  expect(minted.map((it) => it.name)).toEqual(expect.arrayContaining(['join token 1', 'certificate key 1']))
  const onMaster = (file: string): Promise<string> => lab.on('master-1', `cat /etc/kubernetes/${file}`)
  const admin = /client-key-data: (\S+)/.exec(await onMaster('admin.conf'))?.[1] ?? ''
  return [
    ...secretNames.map((secret) => planted(secret, secretOf(paths, secret))),
    planted('wrong password', wrong),
    ...minted,
    plantedKey('key of admin.conf', Buffer.from(admin, 'base64').toString('utf8')),
    plantedKey('key of the CA', await onMaster('pki/ca.key')),
    plantedKey('key of service accounts', await onMaster('pki/sa.key')),
    ...keys.map((file) => plantedKey(`SSH key ${file.split('/').at(-1)}`, readFileSync(file, 'utf8'))),
  ]
}
