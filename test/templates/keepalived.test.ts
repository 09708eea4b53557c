// keepalived.conf: golden files, the laws of peers and priorities, and what keepalived itself says of them.
import { networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { secret } from '../../src/model/command.js'
import type { Inventory } from '../../src/model/inventory.js'
import { apiWeight, keepalivedConfig, keepalivedFile } from '../../src/templates/keepalived.js'
import { checkApiFile, checkHaproxyFile, trackScriptTimes } from '../../src/templates/track-scripts.js'
import { cluster, first, haproxies, inventory, masters } from './fixtures.js'
import { expectGolden } from './golden.js'
import { runTool, temporary, tool } from './tool.js'

const two = inventory('1.20.2')
const one: Inventory = { ...two, hosts: [first(haproxies(1)), ...masters] }
const { endpoint } = cluster('1.20.2')
const withPassword = inventory('1.20.2', {
  endpoint: { ...endpoint, vipPrefix: 24, keepalived: { advertSeconds: 2, password: secret('s3cr3t') } },
})
const render = (wanted: Inventory, index = 0) => {
  const host = wanted.hosts[index]
  if (host === undefined) throw new Error('no such host')
  return keepalivedConfig(wanted, { host, interface: 'eth0' })
}
const cases = {
  'keepalived/two-first.conf': render(two),
  'keepalived/two-second.conf': render(two, 1),
  'keepalived/one.conf': render(one),
  'keepalived/password.conf': render(withPassword),
}

describe('keepalived.conf', () => {
  it.each(Object.entries(cases))('%s', (name, { text }) => expectGolden(name, text))

  it.each([2, 3, 4, 5, 6, 7])('of %i hosts names all others as peers and has priorities of their own', (count) => {
    const hosts = haproxies(count)
    const texts = hosts.map((_, index) => render({ ...two, hosts: [...hosts, ...masters] }, index).text)
    const peers = texts.map((text) => /unicast_peer \{([^}]*)\}/.exec(text)?.[1]?.trim().split(/\s+/) ?? [])
    hosts.forEach((host, index) => {
      expect(peers[index]).toEqual(hosts.filter((other) => other !== host).map((other) => other.nodeIP))
      expect(texts[index]).toContain(`unicast_src_ip ${host.nodeIP}\n`)
      expect(texts[index]).toContain('state BACKUP')
      expect(texts[index]).not.toContain('nopreempt')
    })
    const priorities = texts.map((text) => Number(/ priority (\d+)/.exec(text)?.[1]))
    expect(new Set(priorities).size).toBe(count)
    expect(Math.max(...priorities) + apiWeight).toBeLessThan(Math.min(...priorities))
  })

  it('is secret, and 0600, only with a password', () => {
    expect([render(two).secret, keepalivedFile(render(two)).mode]).toEqual([false, 0o644])
    expect([render(withPassword).secret, keepalivedFile(render(withPassword)).mode]).toEqual([true, 0o600])
    expect(render(two).text).not.toContain('authentication')
  })

  it('gives the scripts longer than they take, and less than the interval', () => {
    const { own, kill, timeout, interval } = trackScriptTimes
    expect(own + kill).toBeLessThan(timeout)
    expect(timeout).toBeLessThan(interval)
  })

  const keepalived = tool('keepalived')
  const card = Object.entries(networkInterfaces()).find(([, addresses]) =>
    addresses?.some(({ internal }) => !internal),
  )?.[0]
  it.skipIf(keepalived === null || card === undefined).each(Object.entries(cases))(
    '%s passes keepalived -t without a word',
    (_, rendered) => {
      const text = [checkHaproxyFile, checkApiFile].reduce(
        (conf, place) => conf.replaceAll(place.path, temporary(place, '#!/bin/sh\n')),
        rendered.text.replaceAll('eth0', card ?? ''),
      )
      const file = temporary(keepalivedFile(rendered), text)
      const { status, output } = runTool(keepalived ?? '', ['-t', '-f', file])
      expect(output).toBe('')
      expect(status).toBe(0)
    },
  )
})
