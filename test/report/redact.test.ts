// The second net: canaries in every form, at every depth, and what must not be masked.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { secret } from '../../src/model/command.js'
import type { Event } from '../../src/model/event.js'
import type { HostName } from '../../src/model/host.js'
import { createRedactor } from '../../src/report/redact.js'
import { marks } from '../../src/transport/frame.js'
import { createLineSplitter } from '../../src/transport/lines.js'

const canary = 's3cr3t/Canary\'+ "value'
const host = 'master-1' as HostName
const output = (line: string): Event => ({ type: 'output', host, line })
const lineOf = (event: Event): string => (event.type === 'output' ? event.line : '')
const token = 'abcdef.0123456789abcdef'
const hex = '0123456789abcdef'.repeat(4)

describe('registered values', () => {
  const redactor = createRedactor()
  redactor.register(secret(canary))
  test.each([
    ['plain', canary],
    ['in a word for sh', `'${canary.replaceAll("'", `'\\''`)}'`],
    ['in JSON', JSON.stringify({ password: canary })],
    ['in a URL', `https://user:${encodeURIComponent(canary)}@example.org/`],
    ['in base64', Buffer.from(canary).toString('base64')],
  ])('%s', (_, text) => {
    const shown = redactor.text(`before ${text} after`)
    expect(shown).toContain('***')
    expect(shown).not.toMatch(/Canary|czNjcjN0/)
    expect(shown).toMatch(/^before .* after$/)
  })

  test('inside base64 of anything around them', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 9 }), fc.string({ maxLength: 9 }), (before, after) => {
        const encoded = Buffer.from(`${before}${canary}${after}`).toString('base64')
        const decoded = Buffer.from(redactor.text(encoded).replaceAll('***', ''), 'base64').toString('latin1')
        return redactor.text(encoded).includes('***') && !decoded.includes('Canary')
      }),
    )
  })

  test('at any depth of an event; the same object when there is nothing to mask', () => {
    const changes = [
      { path: '/etc/x', from: null, to: canary, impact: 'none' as const, text: { from: '', to: `a\n${canary}\n` } },
    ]
    const place = { host, stage: 's', step: 'x', title: 't' }
    const event: Event = { type: 'step-ended', ...place, verdict: { kind: 'changed', changes }, tookMs: 1 }
    expect(JSON.stringify(redactor.event(event))).not.toContain('Canary')
    const innocent: Event = { type: 'stage-started', stage: 's', title: 'Prepare' }
    expect(redactor.event(innocent)).toBe(innocent)
  })

  test('every line of a value with many; nothing for values too short to be told from text', () => {
    const own = createRedactor()
    own.register('first-line-of-it\nsecond-line-of-it')
    own.register('ab')
    expect(own.text('x second-line-of-it ab')).toBe('x *** ab')
  })

  test('do not mask names that things are found by', () => {
    const own = createRedactor()
    own.register('master-1')
    expect(own.event({ type: 'connected', host, tookMs: 1 })).toEqual({ type: 'connected', host, tookMs: 1 })
  })
})

describe('without being registered', () => {
  const redactor = createRedactor()
  test.each([
    ['join tokens', `kubeadm join --token ${token} 10.0.0.10:6443`, 'kubeadm join --token *** 10.0.0.10:6443'],
    ['join tokens in YAML', `token: "${token}"`, 'token: "***"'],
    ['certificate keys as options', `--certificate-key ${hex}`, '--certificate-key ***'],
    ['certificate keys in YAML', `certificateKey: ${hex}`, 'certificateKey: ***'],
    ['certificate keys in JSON', `{"certificateKey":"${hex}"}`, '{"certificateKey":"***"}'],
    ['certificate keys as kubeadm says them', `Using certificate key:\n${hex}`, 'Using certificate key:\n***'],
    [
      'private keys',
      'a -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- b',
      'a -----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY----- b',
    ],
    ['private keys cut off', '-----BEGIN PRIVATE KEY-----\nMIIE', '-----BEGIN PRIVATE KEY-----***'],
    [
      'private keys whose beginning is cut off',
      'above it\nMIIEpAIBAAKCAQEA\nZm9vYmFy\n-----END RSA PRIVATE KEY-----\nbelow',
      'above it\n***-----END RSA PRIVATE KEY-----\nbelow',
    ],
    [
      'private keys in kubeconfigs',
      `client-key-data: ${Buffer.from('-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n').toString('base64')}`,
      'client-key-data: ***',
    ],
  ])('%s', (_, text, shown) => expect(redactor.text(text)).toBe(shown))

  test.each([
    `sha256:${hex}`,
    `--discovery-token-ca-cert-hash sha256:${hex}`,
    'net.ipv4.conf.all.rp_filter',
    'kubelet.service loaded',
    'registry.example.internaldomains.org',
    '-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----',
    `certificate-authority-data: ${Buffer.from('-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----\n').toString('base64')}`,
  ])('leaves %s', (text) => expect(redactor.text(text)).toBe(text))
})

describe('output, line by line', () => {
  test('a private key over many lines is masked whole, per host', () => {
    const redactor = createRedactor()
    const other: Event = { type: 'output', host: 'worker-1' as HostName, line: 'MIIEpAIBAAKCAQEA' }
    const lines = [
      '-----BEGIN OPENSSH PRIVATE KEY-----',
      'MIIEpAIBAAKCAQEA',
      'Zm9vYmFy',
      '-----END OPENSSH PRIVATE KEY-----',
      'done',
    ]
    const shown = lines.map((line) => {
      expect(redactor.event(other)).toBe(other)
      return lineOf(redactor.event(output(line)))
    })
    expect(shown.join('\n')).not.toMatch(/MIIE|Zm9v/)
    expect(shown.at(-1)).toBe('done')
  })

  test('a certificate key on the line after its name', () => {
    const redactor = createRedactor()
    expect(lineOf(redactor.event(output('[upload-certs] Using certificate key:')))).toBe(
      '[upload-certs] Using certificate key:',
    )
    expect(lineOf(redactor.event(output(hex)))).toBe('***')
    expect(lineOf(redactor.event(output(hex)))).toBe(hex)
  })

  test('the last lines of an output, which stand in an error: keys over many of them, whole or cut', () => {
    const redactor = createRedactor()
    const key = ['-----BEGIN RSA PRIVATE KEY-----', 'MIIEpAIBAAKCAQEA', 'Zm9vYmFy', '-----END RSA PRIVATE KEY-----']
    const tails = [[...key, 'done'], key.slice(1), key.slice(0, 3), ['Using certificate key:', hex, 'done']]
    for (const tail of tails) {
      const event: Event = { type: 'command-ended', host, status: 1, tookMs: 1, tail }
      expect(JSON.stringify(redactor.event(event))).not.toMatch(/MIIE|Zm9v|0123456789abcdef/)
    }
    const innocent: Event = { type: 'command-ended', host, status: 1, tookMs: 1, tail: ['one', 'two'] }
    expect(redactor.event(innocent)).toBe(innocent)
  })

  test('a value registered later is masked from then on', () => {
    const redactor = createRedactor()
    expect(lineOf(redactor.event(output('minted-later')))).toBe('minted-later')
    redactor.register('minted-later')
    expect(lineOf(redactor.event(output('x minted-later')))).toBe('x ***')
  })
})

describe('a secret cut at every position', () => {
  const secrets = {
    'a password': canary,
    'its base64': Buffer.from(`user:${canary}`).toString('base64'),
    'a join token': token,
    'a certificate key': `certificateKey: ${hex}`,
    'a private key': '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----',
  }
  const leaks = /Canary|Y2FuYXJ5|Q2FuYXJ5|abcdef|MIIE/

  test.each(Object.entries(secrets))('between two chunks of the stream: %s', (_, value) => {
    const bytes = Buffer.from(`${marks('N').start}before ${value} after${marks('N').end}000\n`)
    for (let at = 1; at < bytes.length; at += 1) {
      const redactor = createRedactor()
      redactor.register(secret(canary))
      const shown: string[] = []
      const feed = createLineSplitter('N', (line) => shown.push(lineOf(redactor.event(output(line)))))
      feed(bytes.subarray(0, at))
      feed(bytes.subarray(at))
      expect(shown.join('\n'), `cut at ${at}`).not.toMatch(leaks)
      expect(shown.join('\n')).toMatch(/^before [^]*after$/)
    }
  })

  test('where a line without an end is shown in pieces', () => {
    const size = 70_000
    for (let at = 0; at <= token.length; at += 1) {
      const redactor = createRedactor()
      const shown: string[] = []
      const feed = createLineSplitter('N', (line) => shown.push(lineOf(redactor.event(output(line)))))
      feed(Buffer.from(marks('N').start))
      const bytes = Buffer.from(`${'x'.repeat(size - at - 1)} ${token} ${'y'.repeat(size)}\n`)
      feed(bytes.subarray(0, size))
      feed(bytes.subarray(size))
      expect(shown.length, 'it was shown in pieces').toBeGreaterThan(1)
      expect(shown.join('').replaceAll(/[xy ]/g, '')).toBe('***')
    }
  })
})
