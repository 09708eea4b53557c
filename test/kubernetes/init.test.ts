// kubeadm init: refused where an API server answers; and what a dead run left behind is revoked on the next.
import { describe, expect, test } from 'vitest'
import { always } from '../../src/model/look.js'
import { initStep } from '../../src/steps/kubernetes/init.js'
import { revokeStep } from '../../src/steps/kubernetes/revoke.js'
import { intentWith, shownChanges } from '../support/sight.js'
import { job, scripted } from './script.js'

const init = initStep({
  id: 'kubeadm:init',
  state: always({ kind: 'fresh' }),
  cluster: 'lab',
  version: 'v1.20.2',
  node: 'master-1',
  endpoint: 'https://10.9.0.5:6443',
  config: 'kind: ClusterConfiguration',
  flags: [],
  validation: 'impossible',
})

const run = async (said: string, status: number) => {
  const { at, sent } = scripted(({ shown }) =>
    shown.includes('/readyz') ? { stdout: said, status } : shown.includes('@job') ? job(0) : null,
  )
  const outcome = await intentWith(init, { 'node object': () => null })
    .apply(at)
    .then(
      () => 'done',
      (error: unknown) => (error as { code?: string }).code,
    )
  return { outcome, sent, inits: sent.filter(({ stdin }) => stdin.includes('kubeadm init --config')).length }
}

describe('kubeadm init', () => {
  // kubectl 1.20.2 without any credentials: `Please enter Username: error: EOF`, before it connects.
  test('asks the endpoint with a token, without which kubectl never connects', async () => {
    const { sent } = await run('', 1)
    expect(sent.find(({ shown }) => shown.includes('/readyz'))?.shown).toContain('--token khactl ')
  })

  test.each([
    ['ok', 0],
    ['error: You must be logged in to the server (Unauthorized)', 1],
    ['Error from server (Forbidden): forbidden: User "system:anonymous" cannot get path "/readyz"', 1],
    ['[+]ping ok\n[-]etcd failed: reason withheld', 1],
  ])('is not run where an API server says %s', async (said, status) => {
    expect(await run(said, status)).toMatchObject({ outcome: 'kubeadm.endpoint-answers', inits: 0 })
  })

  test.each([
    'The connection to the server 10.9.0.5:6443 was refused - did you specify the right host or port?',
    'Unable to connect to the server: EOF',
  ])('is run where there is none: %s', async (said) => {
    expect(await run(said, 1)).toMatchObject({ outcome: 'done', inits: 1 })
  })
})

test('what was minted is revoked by label, and certificates by name too', async () => {
  const facts = { cluster: () => ({ minted: ['bootstrap-token-a', 'kubeadm-certs'] }) }
  expect(shownChanges(revokeStep(), facts)).toEqual([
    'secret bootstrap-token-a: left behind → absent',
    'secret kubeadm-certs: left behind → absent',
  ])
  const { at, sent } = scripted(() => null)
  await intentWith(revokeStep(), facts).apply(at)
  expect(sent).toHaveLength(1)
  expect(sent[0]?.shown).toContain('delete secret -l khactl.io/minted-for ')
  expect(sent[0]?.shown).toContain('delete secret kubeadm-certs --ignore-not-found')
})
