// haproxy.cfg: golden files, what haproxy itself says of them, and that a value cannot smuggle in a setting.
import { describe, expect, it } from 'vitest'
import { haproxyConfig, haproxyFile } from '../../src/templates/haproxy.js'
import { cluster, host, inventory } from './fixtures.js'
import { expectGolden } from './golden.js'
import { runnable, runTool, temporary, tool } from './tool.js'

const plain = inventory('1.20.2')
const { endpoint } = cluster('1.20.2')
const own = inventory('1.34.1', {
  endpoint: {
    ...endpoint,
    port: 6443,
    haproxy: {
      maxConnections: 40_000,
      hardStopAfterSeconds: 60,
      monitorPort: 9000,
      timeoutSeconds: 3600,
      extra: 'listen metrics\n    bind 127.0.0.1:8405\n    mode http\n    timeout client 5s\n    stats enable\n',
    },
  },
})
const cases = { 'haproxy/default.cfg': plain, 'haproxy/extra.cfg': own }

describe('haproxy.cfg', () => {
  it.each(Object.entries(cases))('%s', (name, wanted) => expectGolden(name, haproxyConfig(wanted)))

  it('is one for every Kubernetes version', () => {
    for (const text of ['1.28.0', '1.31.0', '1.34.1']) {
      expect(haproxyConfig(inventory(text))).toBe(haproxyConfig(plain))
    }
  })

  it('has every master as a backend and no other host', () => {
    const wanted = { ...plain, hosts: [...plain.hosts, host('master-4', '10.9.0.24'), host('worker-9', '10.9.0.99')] }
    const servers = haproxyConfig(wanted).match(/^ +server master.*$/gm) ?? []
    expect(servers.map((line) => line.trim().split(' ')[2])).toEqual(
      ['10.9.0.21', '10.9.0.22', '10.9.0.23', '10.9.0.24'].map((address) => `${address}:6443`),
    )
    expect(haproxyConfig(wanted)).not.toContain('10.9.0.99')
  })

  it('refuses a number that is none', () => {
    const broken = { ...endpoint, haproxy: { ...endpoint.haproxy, timeoutSeconds: Number.NaN } }
    expect(() => haproxyConfig(inventory('1.20.2', { endpoint: broken }))).toThrow('timeout client …s')
  })

  const haproxy = tool('haproxy')
  it.skipIf(haproxy === null).each(Object.entries(cases))('%s passes haproxy -c without a warning', (_, wanted) => {
    const file = temporary(haproxyFile, runnable(haproxyConfig(wanted)))
    const { status, output } = runTool(haproxy ?? '', ['-c', '-V', '-f', file])
    expect(output).not.toMatch(/WARNING|ALERT/)
    expect(status).toBe(0)
  })
})
