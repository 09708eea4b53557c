// The literal arguments of generic tasks: what they become, and what is said of those that cannot be meant.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { KhactlError } from '../../src/model/error.js'
import type { Step } from '../../src/model/step.js'
import { loadPlaybook } from '../../src/playbook/load.js'
import { genericTasks } from '../../src/tasks/registry.js'
import { scopeOf } from '../support/scope.js'

const scope = scopeOf({ inventory: {} as never, host: {} as never })

const usesIn = (text: string) =>
  loadPlaybook({ file: 'p.yaml', text }, genericTasks).stages.flatMap(({ tasks }) => tasks)
const textOf = (use: string): string => `name: p\nstages:\n  - id: a\n    on: all\n    tasks:\n      - ${use}\n`

const stepsOf = (use: string): readonly Step[] =>
  usesIn(textOf(use)).flatMap(({ name, args }) => genericTasks.get(name)?.steps(scope, args) ?? [])

const mistakeIn = (use: string): string => {
  try {
    usesIn(textOf(use))
  } catch (error) {
    if (error instanceof KhactlError)
      return error.details.message
        .split('\n')
        .filter((line) => line.startsWith('p.yaml:'))
        .join('\n')
  }
  return ''
}

describe('become', () => {
  test.each([
    ["file: { path: /etc/motd, content: 'x' }", ['file:/etc/motd']],
    ['directory: { path: /srv/data, owner: www-data:www-data }', ['directory:/srv/data']],
    ['package: { names: htop }', ['packages:htop']],
    ['package: { names: [htop, nginx=1.18.0] }', ['packages:htop,nginx=1.18.0']],
    ['unit: { name: nginx, boot: enabled, run: running }', ['unit:nginx']],
    [
      'sysctl: { name: vm.swappiness, value: 10 }',
      ['file:/etc/sysctl.d/90-vm.swappiness.conf', 'sysctl:vm.swappiness'],
    ],
    ['kernel-module: { name: dm_thin_pool }', ['file:/etc/modules-load.d/dm_thin_pool.conf', 'module:dm_thin_pool']],
    ['command: { run: make it, creates: /srv/it }', ['command:make it']],
  ])('%s', (use, ids) => expect(stepsOf(use).map(({ id }) => id)).toEqual(ids))

  test.each([
    ['0644', 0o644],
    ["'0755'", 0o755],
    ['755', 0o755],
    ['1777', 0o1777],
  ])('mode %s as people mean it', (written, mode) => {
    expect(usesIn(textOf(`directory: { path: /x, mode: ${written} }`))[0]?.args).toEqual({ path: '/x', mode })
  })

  test('values as they were written', () => {
    expect(usesIn(textOf('sysctl: { name: a.b, value: 0x10 }'))[0]?.args).toEqual({ name: 'a.b', value: '0x10' })
    expect(usesIn(textOf("sysctl: { name: a.b, value: '1 2' }"))[0]?.args).toEqual({ name: 'a.b', value: '1 2' })
  })

  test('a test that may change something is never part of a plan', () => {
    const knownBy = (use: string) => stepsOf(use)[0]?.knownBy
    expect(knownBy('command: { run: a, unless: b }')).toBe('the test `b`')
    expect(knownBy('command: { run: a, unless: b, unless-is: read-only }')).toBeUndefined()
    expect(knownBy('command: { run: a, creates: /b }')).toBeUndefined()
  })
})

describe('are refused', () => {
  test.each([
    ['file', 'p.yaml:6:9 stage a: file takes arguments: { path, content, source, mode, owner }'],
    [
      'file: {}',
      'p.yaml:6:15 stage a: file: `path` is missing\np.yaml:6:15 stage a: file: `content` or `source` is missing',
    ],
    ['file: { path: /x, content: a, source: b }', 'p.yaml:6:15 stage a: file: either `content` or `source`, not both'],
    ['file: { path: /x, contnt: a }', 'stage a: file takes no `contnt`; did you mean content?'],
    ['file: { path: x/../y, content: a }', 'p.yaml:6:23 stage a: file: `path` is an absolute path'],
    ['file: { path: /x/../y, content: a }', '`path` is an absolute path'],
    ['file: { path: /x, content: 5 }', '`content` is a text (put it in quotes)'],
    ['directory: { path: /x, mode: 0999 }', "`mode` is permission bits: '0644'"],
    ['directory: { path: /x, mode: 0o644 }', "`mode` is permission bits: '0644'"],
    ['package: { names: [] }', '`names` is a list of names'],
    ["package: { names: ['a b'] }", '`names` is a list of names'],
    ['unit: { name: a, run: yes }', '`run` is one of running, stopped'],
    ['sysctl: { name: a.b, value: [1] }', '`value` is one value'],
    ['command: { run: a }', 'command: `creates` or `unless` is missing'],
    ['command: { run: a, unless: b, within: 0 }', '`within` is a number of seconds'],
    ['fil: { path: /x }', 'p.yaml:6:9 stage a: there is no task fil; did you mean file?'],
    ['{ file: {}, unit: {} }', 'a task is a name, or one name with a mapping of arguments'],
  ])('%s', (use, message) => expect(mistakeIn(use)).toContain(message))
})

test('the example of docs/playbooks.md is one that khactl can run', () => {
  const page = readFileSync(new URL('../../docs/playbooks.md', import.meta.url), 'utf8')
  const [, example = ''] = /```yaml\n([^]*?)```/.exec(page) ?? []
  const uses = usesIn(example)
  expect(new Set(uses.map(({ name }) => name))).toEqual(new Set(genericTasks.keys()))
  for (const task of genericTasks.values())
    for (const key of [...Object.keys(task.takes?.required ?? {}), ...Object.keys(task.takes?.optional ?? {})])
      expect(page, `${task.name} ${key}`).toContain(`\`${key}\``)
})
