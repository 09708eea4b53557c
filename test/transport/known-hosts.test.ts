// known_hosts, by its manual page and by what ssh-keygen finds in the same file.
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openKnownHosts } from '../../src/transport/known-hosts-file.js'
import {
  fingerprint,
  hostField,
  judge,
  onlyAuthority,
  parseKnownHosts,
  recordedTypes,
} from '../../src/transport/known-hosts.js'
import { has, removeScratch, scratch } from './local-shell.js'

afterAll(removeScratch)

const string = (text: string | Buffer): Buffer => {
  const bytes = Buffer.from(text)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
const keyOf = (seed: number, type = 'ssh-ed25519'): Buffer =>
  Buffer.concat([string(type), string(Buffer.alloc(32, seed))])
const [one, two] = [keyOf(1), keyOf(2)]
const rsa = keyOf(3, 'ssh-rsa')
const line = (hosts: string, key = one): string =>
  `${hosts} ${key.toString('latin1', 4, 4 + key.readUInt32BE(0))} ${key.toString('base64')} comment\n`
const verdict = (text: string, { address = 'web-1', port = 22, key = one } = {}): string =>
  judge(parseKnownHosts(text), { host: { address, port }, key }).kind

describe('a verdict', () => {
  it.each([
    ['', {}, 'new'],
    ['# comment\n\ngarbage\n', {}, 'new'],
    [line('web-1'), {}, 'known'],
    [line('WEB-1,10.0.0.1'), { address: '10.0.0.1' }, 'known'],
    [line('web-1'), { address: 'Web-1' }, 'known'],
    [line('web-1'), { key: two }, 'changed'],
    [line('web-1') + line('web-1', two), { key: two }, 'known'],
    [line('web-1', rsa), { key: one }, 'changed'],
    [line('web-?'), {}, 'known'],
    [line('web-*,!web-1'), {}, 'new'],
    [line('*.1'), { address: 'web-1' }, 'new'],
    [line('[web-1]:2222'), { port: 2222 }, 'known'],
    [line('[web-1]:2222'), {}, 'new'],
    [line('web-1'), { port: 2222 }, 'known'],
    [line('[web-1]:2222', two) + line('web-1'), { port: 2222 }, 'changed'],
    [`@revoked ${line('*')}${line('web-1')}`, {}, 'revoked'],
    [`@revoked ${line('*', two)}${line('web-1')}`, {}, 'known'],
    [`@cert-authority ${line('*')}`, {}, 'new'],
    [`@unheard-of ${line('*')}`, {}, 'new'],
  ])('of %j for %j is %s', (text, asked, expected) => {
    expect(verdict(text, asked)).toBe(expected)
  })

  it('names what is recorded', () => {
    expect(judge(parseKnownHosts(`\n${line('web-1')}`), { host: { address: 'web-1', port: 22 }, key: two })).toEqual({
      kind: 'changed',
      line: 2,
      recorded: [`${fingerprint(one)} (ssh-ed25519, line 2)`],
    })
  })

  it('lists the recorded types in order, and tells a lone authority', () => {
    const host = { address: 'web-1', port: 22 }
    expect(recordedTypes(parseKnownHosts(line('web-1', rsa) + line('other') + line('web-1')), host)).toEqual([
      'ssh-rsa',
      'ssh-ed25519',
    ])
    expect(onlyAuthority(parseKnownHosts(`@cert-authority ${line('*')}`), host)).toBe(true)
    expect(onlyAuthority(parseKnownHosts(line('web-1')), host)).toBe(false)
  })
})

describe.skipIf(!has('ssh-keygen'))(`beside ssh-keygen${has('ssh-keygen') ? '' : ' (not here: skipped)'}`, () => {
  it('finds the same hosts, hashed or not', () => {
    const folder = scratch()
    const key = join(folder, 'key')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
    const [type = '', blob = ''] = readFileSync(`${key}.pub`, 'utf8').split(' ')
    const file = join(folder, 'known_hosts')
    const hosts = ['web-1', '10.0.0.1', '[10.0.0.1]:2222', '[web-9]:22022', 'db-*,!db-3']
    for (const manner of ['plain', 'hashed']) {
      writeFileSync(file, hosts.map((host) => `${host} ${type} ${blob}\n`).join(''))
      // ssh-keygen leaves patterns unhashed.
      if (manner === 'hashed') execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' })
      const text = readFileSync(file, 'utf8')
      const entries = parseKnownHosts(text)
      expect(text.includes('|1|')).toBe(manner === 'hashed')
      for (const [address, port] of [
        ['web-1', 22],
        ['10.0.0.1', 22],
        ['10.0.0.1', 2222],
        ['web-9', 22022],
        ['web-9', 22],
        ['web-2', 22],
        ['db-1', 22],
        ['db-3', 22],
      ] as const) {
        const found = spawnSync('ssh-keygen', ['-F', hostField({ address, port }), '-f', file]).status === 0
        expect([
          address,
          port,
          judge(entries, { host: { address, port }, key: Buffer.from(blob, 'base64') }).kind,
        ]).toEqual([address, port, found ? 'known' : 'new'])
      }
    }
    const print = execFileSync('ssh-keygen', ['-lf', `${key}.pub`])
      .toString()
      .split(' ')[1]
    expect(fingerprint(Buffer.from(blob, 'base64'))).toBe(print)
  })
})

describe('recording', () => {
  it('writes each host once, whoever else writes, and keeps the last line whole', async () => {
    const file = join(scratch(), 'new', 'known_hosts')
    const writers = [openKnownHosts(file), openKnownHosts(file), openKnownHosts(file)]
    const hosts = Array.from({ length: 20 }, (_, index) => ({ address: `web-${index}`, port: 22 }))
    await Promise.all(writers.flatMap((writer) => hosts.map((host) => writer.record(host, one))))
    expect(readFileSync(file, 'utf8').trim().split('\n').sort()).toEqual(
      hosts.map((host) => line(host.address).replace(' comment\n', '')).sort(),
    )

    writeFileSync(file, 'no-newline ssh-ed25519 AAAA')
    expect(await openKnownHosts(file).record({ address: 'web-1', port: 2222 }, one)).toEqual({ kind: 'new' })
    expect(readFileSync(file, 'utf8')).toMatch(/^no-newline ssh-ed25519 AAAA\n\[web-1\]:2222 ssh-ed25519 \S+\n$/)
    expect((await openKnownHosts(file).record({ address: 'web-1', port: 2222 }, two)).kind).toBe('changed')
  })
})

it('a file is read and parsed again only when it changed, however many hosts ask at once', async () => {
  const path = join(scratch(), 'known_hosts')
  writeFileSync(path, line('web-1'))
  const file = openKnownHosts(path)
  const [first, ...others] = await Promise.all(Array.from({ length: 20 }, () => file.read()))
  for (const other of others) expect(other).toBe(first)
  expect(await file.read()).toBe(first)
  await file.record({ address: 'web-2', port: 22 }, two)
  expect((await file.read()).naming('web-2')).toHaveLength(1)
})
