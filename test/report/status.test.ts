// A status as people read it at 80 and 140 columns, and what its exit code says.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { known } from '../../src/model/fact.js'
import { exitCodes } from '../../src/model/error.js'
import { statusJson } from '../../src/report/status-json.js'
import { statusText } from '../../src/report/status-text.js'
import { problemsIn, statusView } from '../../src/report/status-view.js'
import { createStyle } from '../../src/report/style.js'
import { displayWidth } from '../../src/text/width.js'
import { but, healthy, now, statuses } from './status-runs.js'

const style = createStyle('never')
const textOf = (name: string, columns: number): string =>
  statusText(statusView(statuses[name] ?? healthy), { style, columns })

describe('as text', () => {
  test.each(Object.keys(statuses).flatMap((name) => [80, 140].map((columns) => [name, columns] as const)))(
    '%s at %i columns',
    async (name, columns) => {
      const text = textOf(name, columns)
      for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(columns)
      await expect(text).toMatchFileSnapshot(`./golden/status/${columns}-${name}.txt`)
    },
  )

  test('a healthy cluster of seven hosts takes a dozen lines', () =>
    expect(textOf('healthy', 80).trimEnd().split('\n').length).toBeLessThanOrEqual(12))
})

describe('the exit code', () => {
  test.each([
    ['healthy', 'ok'],
    ['masterCut', 'unreachable'],
    ['noQuorum', 'failed'],
    ['vipNowhere', 'failed'],
    ['twoHolders', 'failed'],
    ['fresh', 'changes'],
    ['certificateEnds', 'failed'],
  ])('%s: %s', (name, exit) => expect(statusView(statuses[name] ?? healthy).exit).toBe(exit))

  test('warnings leave it as it is', () => {
    const cordon = { byKhactl: 'khactl remove', manager: 'kubectl', since: now - 90 }
    const nodes = healthy.nodes?.status === 'known' ? healthy.nodes.state : []
    const view = statusView({ ...healthy, nodes: known(nodes.map((one) => ({ ...one, cordon }))) })
    expect(problemsIn(view.areas).map(({ level }) => level)).toEqual(nodes.map(() => 'warning'))
    expect(problemsIn(view.areas)[0]?.what).toBe('cordoned by khactl remove 1 min 30 s ago')
    expect(view.exit).toBe('ok')
  })

  test('a host that is declared dead is not missed', () =>
    expect(
      statusView(but(['worker-2'], () => ({ leaving: 'dead', state: { kind: 'unreachable', why: 'gone' } }))).areas
        .hosts.problems,
    ).toEqual([]))
})

describe('what is wrong', () => {
  const problems = (seen = healthy) => problemsIn(statusView(seen).areas)

  test('a power cut is one problem to people, and all that follows from it to programs', () => {
    const { problems: told } = statusJson(statusView(statuses['masterCut'] ?? healthy))
    const failures = told.filter(({ level }) => level === 'failure')
    expect(failures.filter(({ follows }) => follows === null).map(({ where }) => where)).toEqual(['master-2'])
    expect(failures.filter(({ follows }) => follows === 'master-2').length).toBeGreaterThan(3)
  })

  test('a member of no host, a learner, an alarm', () => {
    const { sight } = healthy.etcd ?? { sight: { members: [], etcd: [], alarms: [] } }
    const stranger = { id: 'ff', name: 'old', peerUrls: [], part: 'learner', answers: 'yes' } as const
    const etcd = { ...sight, members: [...sight.members, stranger], alarms: ['NOSPACE a2'] }
    const found = problems({ ...healthy, etcd: { by: 'master-1' as never, sight: etcd } })
    expect(found.map(({ where, what }) => `${where}: ${what}`)).toEqual([
      'old: a member of etcd that is no host of the inventory',
      'old: its etcd member is a learner still: it does not vote',
      "master-2: etcd's alarm NOSPACE: it takes no more writes",
    ])
  })

  test('each word of haproxy for a master', () => {
    const words = ['DRAIN', 'MAINT', 'DOWN 1/2'].map((status, index) => ({
      ...{ server: `master-${index + 1}`, status, check: '', said: '' },
    }))
    const found = problems(but(['haproxy-2'], () => ({ servers: known(words) })))
    expect(found.map(({ level, what }) => `${level} ${what}`)).toEqual([
      'warning master-1 is DRAIN for its haproxy',
      'warning master-2 is MAINT for its haproxy',
      'failure master-3 is DOWN for its haproxy',
    ])
  })
})

test('the JSON says its version, its code and the day', () =>
  expect(statusJson(statusView(healthy))).toMatchObject({
    version: 1,
    exit: exitCodes.ok,
    at: '2026-11-21T02:00:00.000Z',
    problems: [],
    etcd: { quorum: 'holds', mayLose: 1, members: [{ leads: 'yes', host: 'master-1' }, {}, {}] },
    endpoint: { holders: ['haproxy-1'] },
  }))

test('docs/status.md has every field of the JSON', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/status.md'), 'utf8')
  const json = statusJson(statusView(healthy))
  const names = [
    ...Object.keys(json),
    ...[json.hosts[0], json.endpoint, json.apiServers[0], json.etcd, json.nodes?.[0], json.certificates[0]],
    json.etcd?.members[0],
  ].flatMap((one) => (typeof one === 'string' ? [one] : Object.keys(one ?? {})))
  expect(names.length).toBeGreaterThan(45)
  expect(names.filter((name) => !page.includes(`\`${name}`))).toEqual([])
})
