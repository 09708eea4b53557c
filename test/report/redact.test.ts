// The second net: canaries in every form, at every depth, and what must not be masked.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { secret } from '../../src/model/command.js'
import type { Event } from '../../src/model/event.js'
import type { HostName } from '../../src/model/host.js'
import { createRedactor } from '../../src/report/redact.js'

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
  ])('%s', (_, text, shown) => expect(redactor.text(text)).toBe(shown))

  test.each([
    `sha256:${hex}`,
    `--discovery-token-ca-cert-hash sha256:${hex}`,
    'net.ipv4.conf.all.rp_filter',
    'kubelet.service loaded',
    'registry.example.internaldomains.org',
    '-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----',
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

  test('a value registered later is masked from then on', () => {
    const redactor = createRedactor()
    expect(lineOf(redactor.event(output('minted-later')))).toBe('minted-later')
    redactor.register('minted-later')
    expect(lineOf(redactor.event(output('x minted-later')))).toBe('x ***')
  })
})
