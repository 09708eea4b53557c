// The plan as people and programs read it, for bare hosts, hosts in sync, hosts tampered with and hosts in the way.
import { describe, expect, test } from 'vitest'
import type { HostName } from '../../src/model/host.js'
import type { Plan } from '../../src/model/plan.js'
import type { Change } from '../../src/model/step.js'
import { planJson } from '../../src/report/plan-json.js'
import { summarise, summaryLine } from '../../src/report/plan-summary.js'
import { planText } from '../../src/report/plan-text.js'
import { createStyle } from '../../src/report/style.js'
import { plans, stages } from './runs.js'

const plain = createStyle('never')
const text = (plan: Plan, verbosity: 'normal' | 'verbose' = 'normal') =>
  planText(plan, { stages, style: plain, verbosity, of: 'changes', unreachable: [] })
const planWith = (...changes: readonly Change[]): Plan => ({
  entries: [
    { stage: 'prepare', host: 'a' as HostName, step: 's', title: 'Do it', verdict: { kind: 'would-change', changes } },
  ],
})
const change = (path: string, from: string | null, to: string | null, more: Partial<Change> = {}): Change => ({
  path,
  from,
  to,
  impact: 'none',
  ...more,
})

describe('as text', () => {
  test.each(Object.entries(plans))('%s', async (name, plan) => {
    await expect(await text(plan)).toMatchFileSnapshot(`./golden/plan/${name}.txt`)
  })

  test('with the whole of new files when verbose', async () => {
    await expect(await text(plans.bare, 'verbose')).toMatchFileSnapshot('./golden/plan/bare-verbose.txt')
  })

  test('in colours, where the stream wants them; the same text without', async () => {
    const coloured = await planText(plans.tampered, {
      stages,
      style: createStyle('always'),
      verbosity: 'normal',
      of: 'changes',
      unreachable: [],
    })
    expect(coloured).toContain('\u001B[31m-  timeout client 20s\u001B[39m')
    expect(coloured.replace(/\u001B\[\d+m/g, '')).toBe(await text(plans.tampered))
  })

  test('says what --limit leaves alone, and does not count it', async () => {
    const looks = stages.map((stage) => ({ ...stage, looks: stage.hosts.filter((host) => host !== 'worker-2') }))
    const limited = await planText(plans.tampered, {
      stages: looks,
      style: plain,
      verbosity: 'normal',
      of: 'changes',
      unreachable: [],
    })
    await expect(limited).toMatchFileSnapshot('./golden/plan/limited.txt')
  })

  test('never lets a file or a host write escape sequences to the terminal', async () => {
    const evil = 'x\u001B]0;title\u0007\u001B[2J\u202Ey\n'
    const shown = await text(
      planWith(change('/etc/motd', 'a', 'b', { text: { from: evil, to: `${evil}z\n` } }), change('v', evil, '1')),
    )
    expect(shown).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202E]/)
    expect(shown).toContain('+z')
  })

  test('shows of secrets only that they differ', async () => {
    const shown = await text(planWith(change('/etc/key', 'aaaa', 'bbbb', { secret: true })))
    expect(shown).toContain('~ /etc/key  (secret, differs)')
    expect(shown).not.toMatch(/aaaa|bbbb/)
  })

  test('puts long values on lines of their own, and gives up a diff that says nothing', async () => {
    const lines = (word: string) => Array.from({ length: 6_000 }, (_, line) => `${word} ${line * 7919}`).join('\n')
    const shown = await text(
      planWith(
        change('args', 'a'.repeat(70), 'b'.repeat(70)),
        change('/etc/big', '1', '2', { text: { from: lines('a'), to: lines('b') } }),
      ),
    )
    expect(shown).toContain(`      ~ args\n          - ${'a'.repeat(70)}\n          + ${'b'.repeat(70)}\n`)
    expect(shown.split('\n').length).toBeLessThan(120)
  })
})

describe('the summary line', () => {
  const words = { of: 'changes', unreachable: [] } as const
  test.each([
    [plans.bare, 'Plan: 7 hosts, 68 changes, 15 unknown; 5 services restart, 5 hosts join; nothing is removed'],
    [plans.inSync, 'In sync: 7 hosts, 85 steps looked at, nothing to change'],
    [plans.tampered, 'Plan: 3 of 7 hosts, 3 changes; 1 service reloads; nothing is removed'],
    [plans.broken, 'Plan: 7 hosts, 85 steps looked at; 1 check failed and 5 steps could not be read'],
    [planWith(change('/etc/x', 'a', null)), 'Plan: 1 host, 1 change; 1 thing removed'],
    [
      planWith(change('cluster member', 'worker', null, { impact: 'membership' })),
      'Plan: 1 host, 1 change; 1 host leaves; nothing is removed',
    ],
    [
      planWith(change('unit kube-apiserver configuration', 'a', 'b', { impact: 'api-gap' })),
      'Plan: 1 host, 1 change; the API is away once for a moment; nothing is removed',
    ],
  ])('%#', (plan, line) => expect(summaryLine(summarise(plan), words)).toBe(line))
})

test('hosts that were not reached are in the last line, and a plan of nothing is not in sync', () => {
  const nobody = summarise({ entries: [] })
  const unreachable = ['worker-1', 'worker-2', 'worker-3']
  expect(summaryLine(nobody, { of: 'changes', unreachable })).toBe(
    'Plan: 0 hosts, 0 steps looked at; worker-[1-3] not reached',
  )
  expect(summaryLine(nobody, { of: 'changes', unreachable: [] })).toBe('Plan: 0 hosts, 0 steps looked at')
  expect(summaryLine(summarise(plans.inSync), { of: 'changes', unreachable: ['worker-9'] })).toBe(
    'Plan: 7 hosts, 85 steps looked at; worker-9 not reached',
  )
})

test('of preflight the last line counts findings', () => {
  const words = { of: 'checks', unreachable: [] } as const
  expect(summaryLine(summarise(plans.inSync), words)).toBe('Checks: 7 hosts, 85 checks; nothing found')
  expect(summaryLine(summarise(plans.bare), words)).toBe('Checks: 7 hosts, 85 checks; 2 warnings and 7 not checked')
})

describe('as JSON', () => {
  test('has the same entries in the same order, with diffs', async () => {
    const json = await planJson(plans.tampered, { cluster: 'lab', unreachable: [] })
    expect(json.version).toBe(1)
    expect(json.entries.map(({ stage, host, step }) => `${stage}/${host}/${step}`)).toEqual(
      plans.tampered.entries.map(({ stage, host, step }) => `${stage}/${host}/${step}`),
    )
    const changing = json.entries.filter(({ changes }) => changes.length > 0)
    await expect(`${JSON.stringify({ ...json, entries: changing }, null, 2)}\n`).toMatchFileSnapshot(
      './golden/plan/tampered.json',
    )
  })

  test('holds no text of secret files and survives a round trip', async () => {
    const json = await planJson(plans.bare, { cluster: 'lab', unreachable: [] })
    expect(JSON.parse(JSON.stringify(json))).toEqual(json)
    const secret = json.entries.flatMap(({ changes }) => changes).filter((one) => one.secret)
    expect(secret.length).toBe(2)
    expect(secret.every((one) => !('diff' in one))).toBe(true)
    expect(json.entries.find(({ verdict }) => verdict === 'unknown')?.until).toBe('packages:haproxy')
  })
})
