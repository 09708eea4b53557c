// What a right inventory becomes: defaults, ranges, merges, secrets, fetched files.
import { readFile, readdir } from 'node:fs/promises'
import { inspect } from 'node:util'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Inventory } from '../../src/model/inventory.js'
import { loadInventory } from '../../src/inventory/load.js'
import { derivedRouterId } from '../../src/inventory/router-id.js'
import { diagnosticsText } from '../../src/text/diagnostics.js'
import { makeLab, surroundingsOf, type Lab } from './lab.js'

let lab: Lab
beforeEach(async () => {
  lab = await makeLab()
})

const load = async (text: string, pages: Readonly<Record<string, string>> = {}) => {
  const surroundings = surroundingsOf(lab, await lab.write('inventory.yaml', text), pages)
  const { inventory, diagnostics } = await loadInventory(surroundings)
  return { inventory, diagnostics, asked: surroundings.asked, shown: diagnosticsText(diagnostics) }
}

const right = async (text: string, pages: Readonly<Record<string, string>> = {}): Promise<Inventory> => {
  const { inventory, shown } = await load(text, pages)
  if (inventory === null) throw new Error(shown)
  return inventory
}

const short = (
  changes: {
    readonly cluster?: string
    readonly endpoint?: string
    readonly cni?: string
    readonly rest?: string
  } = {},
) => `
apiVersion: khactl/v1
cluster:
  name: lab
  version: v1.30.4
  endpoint: { kind: haproxy, vip: 10.0.0.100${changes.endpoint ?? ''} }
  cni: ${changes.cni ?? 'none'}
${changes.cluster ?? ''}
${
  changes.rest ??
  `haproxy: [{ name: haproxy-1, address: 10.0.0.11 }, { name: haproxy-2, address: 10.0.0.12 }]
masters: [{ name: master-1, address: 10.0.0.21 }]
workers: [{ name: worker-1, address: 10.0.0.31 }]`
}
`

const labInventory = `
apiVersion: khactl/v1
cluster:
  name: lab
  version: 1.20.2
  endpoint: { kind: haproxy, vip: 10.77.0.100 }
  podSubnet: 10.244.0.0/16
  serviceSubnet: 10.96.0.0/12
  imageRepository: 10.77.0.1:5000/google_containers
  registries: [ { host: "10.77.0.1:5000", plainHttp: true } ]
  packages:
    source: repository
    apt: [ { name: kubernetes, url: "http://10.77.0.1:8080/apt/kubernetes", suite: stable, components: [main], key: ./kubernetes-apt.asc } ]
    dnf: [ { name: kubernetes, url: "http://10.77.0.1:8080/dnf/kubernetes", key: ./kubernetes-dnf.asc } ]
  containerd: { restrictOomScoreAdj: true }
  cni: { manifest: ./cni.yaml }
  kubeProxyConfiguration: { conntrack: { maxPerCore: 0, min: 0 } }
  skipPhases: [addon/coredns]
  ignorePreflightErrors: [SystemVerification]
ssh: { user: root, key: ./id_ed25519, knownHosts: ./known_hosts }
haproxy: [ { name: haproxy-1, address: 10.77.0.11 } ]
masters: [ { name: master-1, address: 10.77.0.21 } ]
workers: [ { name: worker-1, address: 10.77.0.31 } ]
`

describe("the lab's inventory", () => {
  it('loads, with one warning: a single haproxy host', async () => {
    const { inventory, diagnostics, asked } = await load(labInventory)
    expect(diagnostics.map(({ code, line }) => [code, line])).toEqual([['inventory.single-haproxy', 21]])
    expect(asked).toEqual([])
    expect(inventory?.cluster.version).toEqual({ major: 1, minor: 20, patch: 2, text: '1.20.2' })
    expect(inventory?.cluster.registries).toEqual([
      { host: '10.77.0.1:5000', mirrors: [], transport: 'http', ca: null, credentials: null },
    ])
    expect(inventory?.cluster.cni).toMatchObject({
      kind: 'manifest',
      name: 'cni.yaml',
      origin: `${lab.folder}/cni.yaml`,
    })
    expect(inventory?.cluster.kubeProxyConfiguration).toEqual({ conntrack: { maxPerCore: 0, min: 0 } })
    const { packages } = inventory!.cluster
    expect(packages.source === 'repository' && Buffer.from(packages.apt[0]!.key.bytes).toString()).toBe('apt key\n')
    expect(inventory?.hosts.map(({ name, roles, nodeIP }) => [name, roles, nodeIP])).toEqual([
      ['haproxy-1', ['haproxy'], '10.77.0.11'],
      ['master-1', ['master'], '10.77.0.21'],
      ['worker-1', ['worker'], '10.77.0.31'],
    ])
    expect(inventory?.hosts[0]?.ssh).toEqual({
      address: '10.77.0.11',
      port: 22,
      user: 'root',
      keys: [`${lab.folder}/id_ed25519`],
      agent: 'use',
      knownHosts: `${lab.folder}/known_hosts`,
      hostKeys: 'accept-new',
      pinned: null,
      passphrase: null,
      password: null,
      jump: [],
      client: 'ssh2',
      config: 'ignore',
      sudoPassword: null,
    })
  })
})

describe('defaults', () => {
  it('are those of docs/inventory.md', async () => {
    const { cluster, hosts } = await right(short())
    expect({ ...cluster, packages: null, kubeconfig: null }).toMatchSnapshot()
    expect(hosts[0]?.ssh).toMatchObject({ user: 'root', keys: [], knownHosts: `${lab.folder}/home/.ssh/known_hosts` })
    expect(cluster.kubeconfig.file).toBe(`${lab.folder}/lab.kubeconfig`)
  })

  it('derive a router id that is the same everywhere and in 1..255', () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => derivedRouterId({ name: `c${index}`, vip: '10.0.0.100' }))
    expect(ids.every((id) => Number.isInteger(id) && id >= 1 && id <= 255)).toBe(true)
    expect(new Set(ids).size).toBe(255)
    expect(derivedRouterId({ name: 'lab', vip: '10.77.0.100' })).toBe(14)
  })

  it('take pkgs.k8s.io for the minor version, its keys fetched once', async () => {
    const text = short({ cluster: '  packages: {}' })
    const { packages } = (await right(text)).cluster
    expect(packages).toMatchObject({
      source: 'repository',
      apt: [{ url: 'https://pkgs.k8s.io/core:/stable:/v1.30/deb/', suite: '/', components: [] }],
      dnf: [{ url: 'https://pkgs.k8s.io/core:/stable:/v1.30/rpm/' }],
    })
    expect((await load(text)).asked).toEqual([])
    expect((await readdir(`${lab.folder}/cache`)).length).toBe(2)
  })
})

describe('hosts', () => {
  it('in a range are counted out, with zeros kept', async () => {
    const rest = `haproxy: [{ name: "lb[1:2]", address: "10.0.0.[11:12]" }]
masters: [{ name: master-1, address: 10.0.0.21 }]
workers:
  - name: worker-[08:11]
    address: 192.168.0.[8:11]
    nodeIP: 10.0.0.[31:34]
    labels: { disk: ssd }
    taints: ["dedicated=db:NoSchedule", "slow:NoExecute"]`
    const { hosts } = await right(short({ rest }))
    expect(hosts.map(({ name, ssh, nodeIP }) => `${name} ${ssh.address} ${nodeIP}`)).toEqual([
      'lb1 10.0.0.11 10.0.0.11',
      'lb2 10.0.0.12 10.0.0.12',
      'master-1 10.0.0.21 10.0.0.21',
      'worker-08 192.168.0.8 10.0.0.31',
      'worker-09 192.168.0.9 10.0.0.32',
      'worker-10 192.168.0.10 10.0.0.33',
      'worker-11 192.168.0.11 10.0.0.34',
    ])
    expect(hosts[4]).toMatchObject({
      labels: { disk: 'ssd' },
      taints: [
        { key: 'dedicated', value: 'db', effect: 'NoSchedule' },
        { key: 'slow', value: '', effect: 'NoExecute' },
      ],
    })
  })

  it('in two lists become one with both roles', async () => {
    const rest = `haproxy: [{ name: m1, address: 10.0.0.21, interface: eth1 }, { name: m2, address: 10.0.0.22 }]
masters: [{ name: m1, address: 10.0.0.21, labels: { a: b }, ssh: { port: 2222 } }, { name: m2, address: 10.0.0.22 }, { name: m3, address: 10.0.0.23 }]
workers: [{ name: w1, address: 10.0.0.31 }]
ssh: { user: admin, agent: ignore, key: ~/.ssh/id }`
    await lab
      .write('home/.ssh/id', '-----BEGIN OPENSSH PRIVATE KEY-----\n')
      .then((file) => import('node:fs/promises').then(({ chmod }) => chmod(file, 0o600)))
    const { hosts } = await right(short({ rest, endpoint: ', port: 8443, interface: eth0' }))
    expect(hosts.map(({ name, roles, interface: nic }) => [name, roles, nic])).toEqual([
      ['m1', ['haproxy', 'master'], 'eth1'],
      ['m2', ['haproxy', 'master'], 'eth0'],
      ['m3', ['master'], 'eth0'],
      ['w1', ['worker'], 'eth0'],
    ])
    expect(hosts[0]).toMatchObject({
      labels: { a: 'b' },
      ssh: { port: 2222, user: 'admin', agent: 'ignore', keys: [`${lab.folder}/home/.ssh/id`] },
    })
  })

  it('name a key of the agent by its public half', async () => {
    const rest = `haproxy: [{ name: h1, address: 10.0.0.11 }, { name: h2, address: 10.0.0.12 }]
masters: [{ name: m1, address: 10.0.0.21 }]
workers: [{ name: w1, address: 10.0.0.31 }]
ssh: { agent: named, key: ./id_ed25519.pub }`
    const { hosts } = await right(short({ rest }))
    expect(hosts[0]?.ssh).toMatchObject({ agent: 'named', keys: [`${lab.folder}/id_ed25519.pub`] })
  })
})

describe('warnings', () => {
  it('let the inventory through', async () => {
    const rest = `haproxy: [{ name: haproxy-1, address: 10.0.7.11 }]
masters: [{ name: m1, address: 10.0.0.21 }, { name: m2, address: 10.0.0.22 }]`
    const { inventory, diagnostics } = await load(short({ rest }))
    expect(inventory).not.toBeNull()
    expect(diagnostics.map(({ code, severity }) => `${severity} ${code}`).sort()).toEqual([
      'warning inventory.even-masters',
      'warning inventory.no-workers',
      'warning inventory.single-haproxy',
      'warning inventory.vip-subnet',
    ])
  })
})

describe('secrets', () => {
  const registry = (ref: string) =>
    short({ cluster: `  registries: [{ host: r.example, credentials: { user: robot, password: ${ref} } }]` })

  it.each([
    ['{ env: REGISTRY_PASSWORD }', 'from-env'],
    ['{ file: ./password }', 'pw-file1'],
    ['{ command: [printf, "%s", "a b;$HOME"] }', 'a b;$HOME'],
  ])('come from %s', async (ref, value) => {
    const { cluster } = await right(registry(ref))
    const password = cluster.registries[0]?.credentials?.password
    expect(password?.reveal()).toBe(value)
    expect(inspect(cluster, { depth: 9 }) + JSON.stringify(cluster)).not.toContain(value)
  })

  it('are not asked for while anything else is wrong', async () => {
    const touched = `${lab.folder}/touched`
    const text = registry(`{ command: [touch, ${touched}] }`)
    expect((await load(text.replace('masters:', 'mastres:'))).inventory).toBeNull()
    await expect(readFile(touched)).rejects.toThrow('ENOENT')
  })
})

describe('the network plugin', () => {
  const flannel = 'https://github.com/flannel-io/flannel/releases/download/v0.25.1/kube-flannel.yml'
  const calico = 'https://raw.githubusercontent.com/projectcalico/calico/v3.28.0/manifests/calico.yaml'

  it('is fetched once and kept', async () => {
    const text = short({ cni: '{ calico: 3.28.0 }' })
    const first = await load(text, { [calico]: 'kind: DaemonSet\n' })
    expect(first.inventory?.cluster.cni).toEqual({
      kind: 'manifest',
      name: 'calico v3.28.0',
      origin: calico,
      text: 'kind: DaemonSet\n',
    })
    expect(first.asked).toContain(calico)
    expect((await load(text)).asked).toEqual([])
  })

  it('gets the pod subnet where its manifest has one written in', async () => {
    const text = short({ cni: '{ flannel: v0.25.1 }', cluster: '  podSubnet: 172.30.0.0/16' })
    const { cluster } = await right(text, { [flannel]: 'net-conf.json: |\n  { "Network": "10.244.0.0/16" }\n' })
    expect(cluster.cni).toMatchObject({ text: 'net-conf.json: |\n  { "Network": "172.30.0.0/16" }\n' })
  })
})

it('generates NO_PROXY', async () => {
  const cluster = `  proxy: { https: "http://proxy.example:3128", noProxy: [.corp.example] }
  registries: [{ host: "10.0.0.1:5000", mirrors: ["https://mirror.example:8443/x"] }]`
  expect((await right(short({ cluster, endpoint: ', dnsName: api.lab.example' }))).cluster.proxy).toEqual({
    http: null,
    https: 'http://proxy.example:3128',
    noProxy: (
      'localhost 127.0.0.1 10.0.0.100 api.lab.example ' +
      '10.244.0.0/16 10.96.0.0/12 .svc .cluster.local 10.0.0.1 mirror.example .corp.example'
    ).split(' '),
  })
})

it('takes a key without a value as not given, and anchors that stay small', async () => {
  const rest = `haproxy: [{ name: haproxy-1, address: 10.0.0.11, ssh: &ssh { port: 2222 } }, { name: haproxy-2, address: 10.0.0.12, ssh: *ssh }]
masters: [{ name: master-1, address: 10.0.0.21, ssh: *ssh }]
workers: ${JSON.stringify(Array.from({ length: 150 }, (_, index) => ({ name: `w${index}`, address: `10.0.1.${index + 1}` }))).replaceAll('}', ',"ssh": *ssh }')}`
  const { hosts, cluster } = await right(short({ rest, cluster: '  proxy:\n  podSubnet:' }))
  expect(cluster.proxy).toBeNull()
  expect(hosts).toHaveLength(153)
  expect(hosts.every(({ ssh }) => ssh.port === 2222)).toBe(true)
})

describe('hosts that leave', () => {
  const rest = (lines: string) => short({ endpoint: ', port: 8443', rest: lines })
  const names = (inventory: Inventory) => ({
    hosts: inventory.hosts.map(({ name, roles }) => [name, ...roles].join(' ')),
    leaving: inventory.leaving.map(({ name, roles, state }) => [name, ...roles, state].join(' ')),
  })

  it('are counted out, and everything else is as if they were gone', async () => {
    const present = `haproxy: [{ name: h1, address: 10.0.0.11 }, { name: h2, address: 10.0.0.12 }]
masters: [{ name: m1, address: 10.0.0.21 }]
`
    const left = await load(
      rest(
        `${present}workers: [{ name: "w[1:2]", address: "10.0.0.[31:32]", state: absent }, { name: w3, address: 10.0.0.33, state: present }, { name: w4, address: 10.0.0.34, state: dead }]`,
      ),
    )
    expect(left.shown).toBe('')
    expect(left.inventory && names(left.inventory)).toEqual({
      hosts: ['h1 haproxy', 'h2 haproxy', 'm1 master', 'w3 worker'],
      leaving: ['w1 worker absent', 'w2 worker absent', 'w4 worker dead'],
    })
    expect(left.inventory?.leaving[1]).toMatchObject({ nodeIP: '10.0.0.32', ssh: { address: '10.0.0.32' } })
    const gone = await right(rest(`${present}workers: [{ name: w3, address: 10.0.0.33 }]`))
    expect(left.inventory?.hosts).toEqual(gone.hosts)
    // The keys of the repositories are bytes from the internet or from the cache.
    expect({ ...left.inventory?.cluster, packages: null }).toEqual({ ...gone.cluster, packages: null })
  })

  it('may leave one list and stay in the other, reached as both entries say', async () => {
    const inventory = await right(
      rest(`haproxy: [{ name: h1, address: 10.0.0.11 }, { name: m1, address: 10.0.0.21, interface: eth9, state: absent }]
masters: [{ name: m1, address: 10.0.0.21, ssh: { user: ubuntu } }]
`),
    )
    expect(names(inventory)).toEqual({
      hosts: ['h1 haproxy', 'm1 master'],
      leaving: ['m1 haproxy absent'],
    })
    expect(inventory.hosts[1]).toMatchObject({ ssh: { user: 'ubuntu' }, interface: null })
    expect(inventory.leaving[0]).toMatchObject({ ssh: { user: 'ubuntu' }, interface: 'eth9' })
  })

  it('are no masters any more: the numbers are those of who stays', async () => {
    const { diagnostics } = await load(
      rest(`haproxy: [{ name: h1, address: 10.0.0.11, state: absent }, { name: h2, address: 10.0.0.12 }]
masters: [{ name: "m[1:2]", address: "10.0.0.[21:22]" }, { name: m3, address: 10.0.0.23, state: absent }]
workers: [{ name: w1, address: 10.0.0.31, state: absent }]
`),
    )
    expect(diagnostics.map(({ code }) => code)).toEqual([
      'inventory.single-haproxy',
      'inventory.even-masters',
      'inventory.no-workers',
    ])
  })
})

it('takes a text in place of the file, and names the file all the same', async () => {
  const file = await lab.write('inventory.yaml', 'nothing: right\n')
  const loaded = await loadInventory({ ...surroundingsOf(lab, file), text: `\uFEFF${labInventory}` })
  expect(loaded.inventory?.cluster.name).toBe('lab')
  expect(loaded.inventory?.hosts[0]?.ssh.keys).toEqual([`${lab.folder}/id_ed25519`])
  expect(loaded.diagnostics[0]).toMatchObject({ file, line: 21 })
})

describe('the way to a host', () => {
  const hosts = `haproxy: [{ name: haproxy-1, address: 10.0.0.11 }, { name: haproxy-2, address: 10.0.0.12 }]
masters: [{ name: master-1, address: 10.0.0.21 }]`

  it('is that of the top, of the host, or none; each hop with a login of its own', async () => {
    const inventory = await right(
      short({
        rest: `${hosts}
workers:
  - { name: direct, address: 10.0.0.31, ssh: { jump: [] } }
  - { name: other, address: 10.0.0.32, ssh: { jump: "me@other.example:2222", user: ubuntu, key: ./id_bastion } }
ssh:
  key: ./id_ed25519
  knownHosts: ./known_hosts
  hostKeys: strict
  passphrase: { env: REGISTRY_PASSWORD }
  password: ask
  port: 2200
  jump: [{ address: outer.example, user: admin, key: ./id_bastion }, inner.example, { address: last.example, password: { file: ./password } }]`,
      }),
    )
    const ssh = (name: string) => inventory.hosts.find((host) => host.name === name)?.ssh
    const [node, bastion] = [`${lab.folder}/id_ed25519`, `${lab.folder}/id_bastion`]
    const common = { knownHosts: `${lab.folder}/known_hosts`, hostKeys: 'strict', pinned: null, port: 22 }
    expect(ssh('master-1')).toMatchObject({ keys: [node], agent: 'use', password: 'ask', port: 2200 })
    const jump = ssh('master-1')?.jump ?? []
    expect(jump).toMatchObject([
      // Keys of its own: these alone, and no secret of the host's.
      {
        ...common,
        address: 'outer.example',
        user: 'admin',
        keys: [bastion],
        agent: 'named',
        passphrase: null,
        password: null,
      },
      // Nothing of its own: the host's keys, but not its password.
      { ...common, address: 'inner.example', user: 'root', keys: [node], agent: 'use', password: null },
      { ...common, address: 'last.example', user: 'root', keys: [], agent: 'ignore', passphrase: null },
    ])
    expect(jump[1]?.passphrase).toMatchObject({})
    const password = jump[2]?.password
    expect(typeof password === 'object' && password?.reveal()).toBe('pw-file1')
    expect(ssh('direct')?.jump).toEqual([])
    expect(ssh('other')?.jump).toMatchObject([
      { address: 'other.example', port: 2222, user: 'me', keys: [bastion], agent: 'use', password: null },
    ])
  })

  it('may come from ~/.ssh/config, for what the inventory does not say', async () => {
    const text = short({
      rest: `${hosts}
workers: [{ name: w, address: 10.0.0.31, ssh: { user: ubuntu, jump: [] } }]
ssh: { config: use, knownHosts: ./known_hosts }`,
    })
    const config = await lab.write(
      'ssh_config',
      `Host 10.0.0.21
  HostName master.example
  Port 2222
  IdentityFile ${lab.folder}/id_bastion
  IdentitiesOnly yes
  ProxyJump inner
  StrictHostKeyChecking yes
Host inner
  HostName inner.example
  ProxyJump me@outer.example:2200
  UserKnownHostsFile /inner_hosts /nowhere
Host *
  User admin
`,
    )
    const surroundings = { ...surroundingsOf(lab, await lab.write('inventory.yaml', text)), sshConfig: config }
    const { inventory, diagnostics } = await loadInventory(surroundings)
    expect(diagnosticsText(diagnostics)).not.toContain('error')
    const ssh = (name: string) => inventory?.hosts.find((host) => host.name === name)?.ssh
    const known = `${lab.folder}/known_hosts`
    expect(ssh('master-1')).toMatchObject({
      ...{
        address: 'master.example',
        port: 2222,
        user: 'admin',
        agent: 'named',
        hostKeys: 'strict',
        knownHosts: known,
      },
      keys: [`${lab.folder}/id_bastion`],
      jump: [
        { address: 'outer.example', port: 2200, user: 'me', hostKeys: 'accept-new' },
        { address: 'inner.example', port: 22, user: 'admin', knownHosts: '/inner_hosts' },
      ],
    })
    expect(ssh('w')).toMatchObject({ address: '10.0.0.31', user: 'ubuntu', jump: [], agent: 'use' })
    expect(inventory?.hosts.map(({ nodeIP }) => nodeIP)).toContain('10.0.0.21')
  })

  it.each([
    ['ProxyCommand nc %h %p', {}, 'gives 10.0.0.11 a ProxyCommand, which khactl cannot run itself'],
    ['HostKeyAlias x', {}, 'gives 10.0.0.11 a HostKeyAlias, which khactl does not follow itself'],
    ['Nonsense yes', {}, 'Bad configuration option: nonsense'],
    ['User admin', { PATH: '/nonexistent' }, 'there is no ssh program on this machine'],
  ])('of ~/.ssh/config with %j and %j is one error', async (line, env, message) => {
    const text = short({ rest: `${hosts}\nssh: { config: use, key: ./id_ed25519 }` })
    const config = await lab.write('ssh_config', `Host *\n  ${line}\n`)
    const surroundings = surroundingsOf(lab, await lab.write('inventory.yaml', text))
    const { inventory, diagnostics } = await loadInventory({
      ...surroundings,
      env: { ...surroundings.env, ...env },
      sshConfig: config,
    })
    expect(inventory).toBeNull()
    const errors = diagnostics.filter(({ severity }) => severity === 'error')
    expect(errors.map(({ code }) => code)).toEqual(['inventory.ssh-config'])
    expect(errors[0]?.message.toLowerCase()).toContain(message.toLowerCase())
  })
})
