import { createServer, type Server } from 'node:net'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { spawn, spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseComplaints } from '../../src/facts/endpoint/keepalived-journal.js'
import { network } from '../../src/facts/endpoint/network.js'
import { parseBoolean, selinuxBoolean } from '../../src/facts/endpoint/selinux-boolean.js'
import { haproxyServers, isUp, parseServers } from '../../src/facts/endpoint/stats-socket.js'
import { holdsAddress } from '../../src/facts/endpoint/vip-holder.js'
import { wire } from '../../src/model/command.js'
import { see } from '../../src/model/look.js'
import { createHost, observe } from '../support/local-host.js'
import { told } from '../support/sight.js'

// As `ip addr show` prints it.
const interfaces = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
    inet6 ::1/128 scope host
       valid_lft forever preferred_lft forever
2: eth0@if5: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 02:4b:0a:de:bf:65 brd ff:ff:ff:ff:ff:ff link-netnsid 0
    inet 10.0.0.11/24 brd 10.0.0.255 scope global eth0
       valid_lft forever preferred_lft forever
    inet 10.0.0.100/32 scope global eth0
       valid_lft forever preferred_lft forever
3: tunl0@NONE: <NOARP> mtu 1480 qdisc noop state DOWN group default qlen 1000
    link/ipip 0.0.0.0 brd 0.0.0.0
4: tun0: <POINTOPOINT,UP> mtu 1500 qdisc fq state UNKNOWN group default qlen 500
    link/none
    inet 10.8.0.6 peer 10.8.0.5/32 scope global tun0
       valid_lft forever preferred_lft forever
`
const addresses = `1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
2: eth0    inet 10.0.0.11/24 brd 10.0.0.255 scope global eth0\\       valid_lft forever preferred_lft forever
2: eth0    inet 10.0.0.100/32 scope global eth0\\       valid_lft forever preferred_lft forever
4: tun0    inet 10.8.0.6 peer 10.8.0.5/32 scope global tun0\\       valid_lft forever preferred_lft forever
`

test('interfaces, addresses and the default route', () => {
  expect(told(network(), `${interfaces}\0eth0\neth1\n`)).toEqual({
    status: 'known',
    state: {
      links: [
        { name: 'lo', mac: null, mtu: 65_536 },
        { name: 'eth0', mac: '02:4b:0a:de:bf:65', mtu: 1500 },
        { name: 'tunl0', mac: null, mtu: 1480 },
        { name: 'tun0', mac: null, mtu: 1500 },
      ],
      addresses: [
        { interface: 'lo', address: '127.0.0.1', prefix: 8 },
        { interface: 'eth0', address: '10.0.0.11', prefix: 24 },
        { interface: 'eth0', address: '10.0.0.100', prefix: 32 },
        { interface: 'tun0', address: '10.8.0.6', prefix: 32 },
      ],
      defaultRoute: 'eth0',
    },
  })
  expect(told(network(), '', { status: 127, stderr: 'sh: ip: not found' })).toEqual({
    status: 'unreadable',
    why: 'network: ip failed: sh: ip: not found',
  })
})

test('who holds the VIP: the address as a whole, not its beginning', () => {
  const holds = (address: string) => told(holdsAddress(address), addresses)
  expect(holds('10.0.0.100')).toEqual({ status: 'known', state: true })
  expect(holds('10.0.0.10')).toEqual({ status: 'known', state: false })
})

test('this machine is read with its own ip', () => {
  const seen = observe(createHost(), see(network()))
  if (seen.status !== 'known') return // no iproute2 here
  expect(seen.state.addresses).toContainEqual({ interface: 'lo', address: '127.0.0.1', prefix: 8 })
})

// Columns as haproxy 2.6 sends them, shortened behind last_chk.
const stats = `# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,bck,chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate,rate_lim,rate_max,check_status,check_code,check_duration,hrsp_1xx,check_desc,
khactl-readyz,itself,0,0,0,0,,0,0,0,,0,,0,0,0,0,no check,1,1,0,,,1,,,1,3,1,,0,,2,0,,0,,,,0,,
kubernetes-api,master-1,0,0,0,0,,0,0,0,,0,,0,0,0,0,UP,1,1,0,0,0,1,0,,1,5,1,,0,,2,0,,0,L7OK,200,2,0,Layer7 check passed,
kubernetes-api,master-2,0,0,0,0,,0,0,0,,0,,0,0,0,0,DOWN,1,1,0,0,0,1,0,,1,5,1,,0,,2,0,,0,L4CON,,0,0,Layer4 connection problem,
kubernetes-api,master-3,0,0,0,0,,0,0,0,,0,,0,0,0,0,UP 1/3,1,1,0,0,0,1,0,,1,5,1,,0,,2,0,,0,* L7STS,500,0,0,Layer7 wrong status,

`

describe('haproxy', () => {
  test('servers by the names of the columns', () => {
    const servers = parseServers(stats) ?? []
    expect(servers.map((one) => `${one.server} ${one.status} ${one.check} ${isUp(one)}`)).toEqual([
      'itself no check  true',
      'master-1 UP L7OK true',
      'master-2 DOWN L4CON false',
      'master-3 UP 1/3 * L7STS true',
    ])
    expect(parseServers('Unknown command.\n')).toBeNull()
    expect(told(haproxyServers('/run/x.sock'), '\0', { stderr: 'No such file or directory' })).toEqual({
      status: 'unreadable',
      why: 'haproxy does not answer at /run/x.sock: No such file or directory',
    })
  })

  const folder = mkdtempSync(join(tmpdir(), 'khactl-'))
  const socket = join(folder, 'stats.sock')
  let server: Server
  beforeAll(async () => {
    server = createServer((client) =>
      client.on('data', (data) => client.end(String(data).startsWith('show stat') ? stats : '?')),
    )
    await new Promise<void>((done) => server.listen(socket, done))
  })
  afterAll(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })

  test.each(['socat', 'perl', 'python3'])('is asked with %s alone', async (tool) => {
    const there = spawnSync('/bin/sh', ['-c', `PATH=/usr/bin:/bin command -v ${tool}`], {
      encoding: 'utf8',
    }).stdout.trim()
    if (there === '') return
    const bin = mkdtempSync(join(folder, 'bin-'))
    symlinkSync(there, join(bin, tool))
    const { kind } = haproxyServers(socket)
    const child = spawn('/bin/sh', ['-c', wire(kind.ask([socket as never]))], { env: { PATH: bin, LC_ALL: 'C' } })
    let stdout = ''
    child.stdout.on('data', (data) => (stdout += String(data)))
    await new Promise((done) => child.on('close', done))
    expect(stdout).toBe(`${stats}\0`)
  })
})

describe("keepalived's journal", () => {
  const load = 'Starting Keepalived v2.2.7 (01/16,2022)'
  const bad = "Unsafe permissions found for script '/usr/libexec/keepalived/khactl-check-haproxy' - disabling."
  test('counts what was switched off since the last load', () => {
    expect(parseComplaints([load, bad, 'Startup complete'].join('\n'))).toEqual([bad])
    expect(parseComplaints([load, bad, 'Reloading ...', 'Reload complete'].join('\n'))).toEqual([])
    expect(parseComplaints([load, 'Reloading ...', bad, bad].join('\n'))).toEqual([bad])
    expect(parseComplaints('')).toEqual([])
  })
  test('a packet that is ignored at run time is no complaint', () => {
    expect(parseComplaints(`${load}\n(khactl) ignoring received advertisment from 10.0.0.9`)).toEqual([])
  })
})

test('a boolean of SELinux: enforcing, now, kept', () => {
  expect(parseBoolean('- ,')).toBe('irrelevant')
  expect(parseBoolean('0 0 ,')).toBe('irrelevant')
  expect(parseBoolean('1 ,')).toBe('irrelevant')
  expect(parseBoolean('1 0 0 ,')).toBe('off')
  expect(parseBoolean('1 1 1 ,')).toBe('on until reboot')
  expect(parseBoolean('1 1 1 ,1')).toBe('on')
  const here = observe(createHost(), see(selinuxBoolean('haproxy_connect_any')))
  expect(here.status).toBe('known')
})
