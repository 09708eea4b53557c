// The cluster as a master sees it: what a master of the lab printed, and what is made of answers that are missing.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { clusterView } from '../../src/facts/kubernetes/cluster-view.js'
import { told } from '../support/sight.js'

const text = gunzipSync(readFileSync(join(import.meta.dirname, 'fixtures/cluster-view.gz'))).toString()
/** As curl prints a question that nobody answered. */
const without = (end: string, status = '000'): string =>
  text.replace(
    new RegExp(`(?<=^@khactl .*\\n)(?:(?!@khactl )[^\\n]*\\n)*@khactl 200 (\\S+${end})\\n`, 'm'),
    `\n@khactl ${status} $1\n`,
  )
const sight = (printed: string) => {
  const seen = told(clusterView(), printed)
  return seen.status === 'known' && seen.state !== null ? seen.state : seen
}

test('a master of the lab', () => {
  expect(sight(text)).toMatchObject({
    members: ['master-3', 'master-1', 'master-2'].map((name) => ({ name, part: 'voter', answers: 'yes' })),
    nodes: ['master-1', 'master-2', 'master-3', 'worker-1', 'worker-2'],
    version: '1.20.2',
    etcd: [23, 21, 22].map((at) => ({ url: `https://10.227.69.${at}:2379`, version: '3.4.23', errors: [] })),
    alarms: [],
  })
})

test('a member that does not answer', () => {
  const found = sight(without('22:2379/v3/maintenance/status'))
  expect(found).toMatchObject({
    members: [{ answers: 'yes' }, { answers: 'yes' }, { name: 'master-2', answers: 'no' }],
  })
  expect('etcd' in found ? found.etcd.length : 0).toBe(2)
})

test('an API server that is away leaves the members; one that tells but a part has not told', () => {
  const away = text.replace(/@khactl 200 members\n[^]*\n@khactl 200 \S+\/version\n/, () =>
    [
      '@khactl 200 members',
      '',
      '@khactl 000 https://kubernetes:6443/api/v1/nodes',
      '',
      '@khactl 000 https://kubernetes:6443/version',
      '',
    ].join('\n'),
  )
  expect(sight(away)).toMatchObject({ members: [{}, {}, {}], nodes: [], version: '', etcd: [{}, {}, {}] })
  expect(sight(without('/nodes', '403'))).toEqual({
    status: 'unreadable',
    why: 'what the cluster is: the API server did not tell the nodes',
  })
})

test('no member, an answer cut short, and one that is not JSON', () => {
  expect(told(clusterView(), 'none\n')).toEqual({ status: 'known', state: null })
  expect(told(clusterView(), text.slice(0, -4), { stderr: 'curl: (7) no\n' })).toEqual({
    status: 'unreadable',
    why: 'what the cluster is: curl: (7) no',
  })
  expect(told(clusterView(), text.replace('"members"', 'members')).status).toBe('unreadable')
})

test("kubectl's and etcdctl's words, where there is no curl", () => {
  const lines = `member 482d1e2a7c0a7b0e, started, master-1, https://10.0.0.1:2380, https://10.0.0.1:2379, false
name node/master-1
version { "gitVersion": "v1.20.2" }
field "MemberID" : 5200846312501312270
field "Leader" : 5200846312501312270
field "Version" : "3.4.13"
field "DBSize" : 4096
field "Endpoint" : "https://10.0.0.1:2379"
end
`
  expect(sight(lines)).toMatchObject({
    members: [{ name: 'master-1', answers: 'yes' }],
    nodes: ['master-1'],
    version: '1.20.2',
    etcd: [{ url: 'https://10.0.0.1:2379', size: 4096 }],
  })
})
