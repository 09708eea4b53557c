// What the looking scripts print, as they printed it on the lab, read back.
import { expect, test } from 'vitest'
import { looksIn, sampleOf } from '../e2e/support/watch/look.js'

const table = `# pxname,svname,status,check_status
khactl-readyz,itself,no check,
kubernetes-api,master-1,UP,L7OK
kubernetes-api,master-2,DOWN,L4CON
kubernetes-api,master-3,UP 1/3,L7TOUT
`
const lb = { host: 'haproxy-1', address: '10.0.0.11', kind: 'endpoint' } as const
const one = { host: 'master-1', address: '10.0.0.21', kind: 'master' } as const
const members =
  '{"header":{"member_id":"1"},"members":[{"ID":"1","name":"master-1","peerURLs":["https://10.0.0.21:2380"]},{"ID":"2","peerURLs":["https://[fd00::22]:2380"]}]}'

test('whole looks are cut off, the rest is kept', () => {
  const { looks, rest } = looksIn('at 1700000000000\nend\nat 1700000001000\nready 200\nend\nat 17')
  expect(looks).toEqual(['at 1700000000000\n', 'at 1700000001000\nready 200\n'])
  expect(rest).toBe('at 17')
})

test('an endpoint: the VIP, and the servers of the API alone', () => {
  const servers = [
    { server: 'master-1', up: true },
    { server: 'master-2', up: false },
    { server: 'master-3', up: true },
  ]
  const about = { kind: 'endpoint', host: 'haproxy-1', at: 1_700_000_000_001 }
  expect(sampleOf(`at 1700000000001\nvip\n${table}`, lb)).toEqual({ ...about, holdsVip: true, servers })
  expect(sampleOf(`at 1700000000001\n${table}`, lb)).toEqual({ ...about, holdsVip: false, servers })
  expect(sampleOf('at 1700000000001\nvip\n', lb)).toEqual({ ...about, holdsVip: true, servers: null })
})

test('a master: manifest, readiness, members by name and address', () => {
  const about = { kind: 'master', host: 'master-1', address: '10.0.0.21', at: 1_700_000_000_001 }
  expect(sampleOf(`at 1700000000001\ninstalled\nready 200\n${members}\n`, one)).toEqual({
    ...about,
    installed: true,
    ready: true,
    members: [
      { name: 'master-1', address: '10.0.0.21' },
      { name: '', address: 'fd00::22' },
    ],
  })
  expect(sampleOf('at 1700000000001\nready 000\n', one)).toEqual({
    ...about,
    installed: false,
    ready: false,
    members: null,
  })
})

test('half a look is none', () => {
  expect(sampleOf('ready 200\n', one)).toBeNull()
})
