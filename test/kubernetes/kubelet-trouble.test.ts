// What holds a kubelet up, as a waiting step asks it: the script with programs of ours for systemd's, and whom verify asks.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { kubeletTrouble } from '../../src/facts/kubernetes/kubelet-trouble.js'
import { wire } from '../../src/model/command.js'
import { known, unreadable, type Fact, type Seen } from '../../src/model/fact.js'
import type { HostName } from '../../src/model/host.js'
import { kubeletsOfUnready } from '../../src/tasks/cluster/healthy.js'

const folder = mkdtempSync(join(tmpdir(), 'khactl-trouble-'))
afterAll(() => rmSync(folder, { recursive: true }))

const journal = `I1121 09:05:20.123456    1234 server.go:417] Version: v1.20.2
F1121 09:05:20.156789    1234 server.go:156] unknown flag: --no-such-flag
kubelet.service: Failed with result 'exit-code'.
`

/** Of a host whose unit is like that; `pods`: what the logs of a container of etcd hold, by the number of the log. */
const troubleOf = (unit: string, pods: Readonly<Record<string, string>> = {}) => {
  const bin = mkdtempSync(join(folder, 'bin-'))
  const program = (name: string, text: string): void =>
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  const [active = '', sub = ''] = unit.split('/')
  program(
    'systemctl',
    `case $3 in NRestarts) echo 4;; ExecMainStatus) echo 255;; Result) echo exit-code;; ActiveState) echo ${active};; SubState) echo ${sub};; esac`,
  )
  program('journalctl', `cat <<'END'\n${journal}END`)
  const logs = join(bin, 'pods', 'kube-system_etcd-m_1', 'etcd')
  mkdirSync(logs, { recursive: true })
  for (const [number, text] of Object.entries(pods)) writeFileSync(join(logs, `${number}.log`), text)
  const { kind } = kubeletTrouble()
  const script = wire(kind.ask([])).replaceAll('/var/log/pods', join(bin, 'pods'))
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script], { env: { PATH: `${bin}:/usr/bin:/bin` } })
  expect(status).toBe(0)
  const [seen] = kind.tell({ status: 0, stdout, stderr }, [null as never])
  return seen
}

describe('a kubelet', () => {
  test('that runs has nothing', () => expect(troubleOf('active/running')).toEqual(known([])))

  test('that is started again and again: how often, what it died of, its log', () => {
    const text = 'the kubelet ended with exit status 255 and is started again and again: unknown flag: --no-such-flag'
    const log = journal.split('\n').slice(1, 2)
    expect(troubleOf('activating/auto-restart')).toEqual(known([{ text, log, dies: { what: 'kubelet', restarts: 4 } }]))
  })

  test('that failed, or was stopped', () => {
    const gone = {
      text: 'the kubelet failed (exit-code): unknown flag: --no-such-flag',
      dies: { restarts: 'given up' },
    }
    expect(troubleOf('failed/failed')).toMatchObject(known([gone]))
    const [stopped] = (troubleOf('inactive/dead') as { state: readonly object[] }).state
    expect(stopped).toMatchObject({ text: 'the kubelet is stopped' })
    expect(stopped).not.toHaveProperty('dies')
  })

  test('whose etcd was started more than once: what that said last', () => {
    const pods = { 0: 'x', 2: '2026-11-21T09:00:00.1Z stderr F panic: no space left on device\n' }
    const text = 'etcd was started 3 times; it said last: panic: no space left on device'
    expect(troubleOf('active/running', pods)).toEqual(known([{ text, log: [] }]))
  })
})

test('verify asks the hosts of nodes that are not Ready, each for itself; one that cannot be asked says nothing', () => {
  const nodes = [
    { name: 'm', ready: 'ready' },
    { name: 'w1', ready: 'not ready' },
    { name: 'w2', ready: 'not ready' },
    { name: 'stranger', ready: 'not ready' },
  ]
  const dying = { text: 'the kubelet failed', log: ['l'], dies: { what: 'kubelet', restarts: 3 } }
  const asked: string[] = []
  const get = <V>({ kind, at }: Fact<V>): Seen<V> => {
    if (kind.name === 'cluster') return known({ nodes }) as unknown as Seen<V>
    const { host } = at as { readonly host: HostName }
    asked.push(host)
    return host === ('w2' as HostName) ? unreadable('gone') : (known([dying]) as unknown as Seen<V>)
  }
  expect(kubeletsOfUnready(['m', 'w1', 'w2']).read({ get })).toEqual(
    known([{ text: 'w1: the kubelet failed', log: ['l'], dies: { what: 'w1 kubelet', restarts: 3 } }]),
  )
  expect(asked).toEqual(['w1', 'w2'])
})
