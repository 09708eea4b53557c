// haproxy.cfg: golden files, what haproxy itself says of them, and that a value cannot smuggle in a setting.
import { describe, expect, it } from 'vitest'
import type { Inventory } from '../../src/model/inventory.js'
import { haproxyConfig, haproxyFile } from '../../src/templates/haproxy.js'
import { hostsWith } from '../../src/templates/hosts.js'
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
const render = (of: Inventory): string => haproxyConfig(of, hostsWith(of, 'master'))
const cases = { 'haproxy/default.cfg': plain, 'haproxy/extra.cfg': own }

describe('haproxy.cfg', () => {
  it.each(Object.entries(cases))('%s', (name, wanted) => expectGolden(name, render(wanted)))

  it('is one for every Kubernetes version', () => {
    for (const text of ['1.28.0', '1.31.0', '1.34.1']) {
      expect(render(inventory(text))).toBe(render(plain))
    }
  })

  it('has the masters it is given as backends, in their order, and no other host', () => {
    const given = [...hostsWith(plain, 'master'), host('master-4', '10.9.0.24')].filter(
      ({ name }) => name !== 'master-2',
    )
    const servers = haproxyConfig(plain, given).match(/^ +server master.*$/gm) ?? []
    expect(servers.map((line) => line.trim().split(' ')[2])).toEqual(
      ['10.9.0.21', '10.9.0.23', '10.9.0.24'].map((address) => `${address}:6443`),
    )
  })

  it('refuses a number that is none', () => {
    const broken = { ...endpoint, haproxy: { ...endpoint.haproxy, timeoutSeconds: Number.NaN } }
    expect(() => render(inventory('1.20.2', { endpoint: broken }))).toThrow('timeout client …s')
  })

  const haproxy = tool('haproxy')
  it.skipIf(haproxy === null).each(Object.entries(cases))('%s passes haproxy -c without a warning', (_, wanted) => {
    const file = temporary(haproxyFile, runnable(render(wanted)))
    const { status, output } = runTool(haproxy ?? '', ['-c', '-V', '-f', file])
    expect(output).not.toMatch(/WARNING|ALERT/)
    expect(status).toBe(0)
  })
})
