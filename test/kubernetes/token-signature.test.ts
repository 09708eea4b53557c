// The signature of cluster-info against openssl's arithmetic, and what goes to the API.
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { shown } from '../../src/model/command.js'
import { clusterInfoIn, detachedSignature, signClusterInfo } from '../../src/steps/kubernetes/token-signature.js'

const content = 'apiVersion: v1\nclusters:\n- cluster: { server: https://10.0.0.5:6443 }\n'
const token = { id: 'abcdef', key: '0123456789abcdef' }

test('is what a signer makes of RFC 7515, its content left out', () => {
  const base64url = (text: string | Buffer) => Buffer.from(text).toString('base64url')
  const header = base64url('{"alg":"HS256","kid":"abcdef"}')
  const hmac = execFileSync('openssl', ['dgst', '-sha256', '-hmac', token.key, '-binary'], {
    input: `${header}.${base64url(content)}`,
  })
  expect(detachedSignature({ ...token, content })).toBe(`${header}..${base64url(hmac)}`)
})

test('is written under the name that kubeadm looks for, without the token in it', () => {
  const text = shown(signClusterInfo({ ...token, content }))
  expect(text).toContain(`"jws-kubeconfig-abcdef":"${detachedSignature({ ...token, content })}"`)
  expect(text).not.toContain(token.key)
})

test('signs what follows the mark, byte for byte, and nothing where there is nothing', () => {
  const output = (info: string) => `secret created\n-----BEGIN CERTIFICATE-----\n--- cluster-info ---\n${info}`
  expect(clusterInfoIn(output(content))).toBe(content)
  expect(clusterInfoIn(output(''))).toBeNull()
  expect(clusterInfoIn('secret created\n')).toBeNull()
})
