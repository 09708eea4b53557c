// Edits of the inventory's text: what they write, and that they touch nothing else.
import { describe, expect, it } from 'vitest'
import { editInventory, type Edit } from '../../src/inventory/edit.js'
import { KhactlError } from '../../src/model/error.js'

const add = (list: 'haproxy' | 'masters' | 'workers', name: string, address: string): Edit => ({
  kind: 'add',
  list,
  host: { name, address },
})
const mark = (host: string): Edit => ({ kind: 'mark-absent', host })
const forget = (host: string): Edit => ({ kind: 'forget', host })

const refusal = (text: string, edit: Edit): string => {
  try {
    editInventory(text, [edit])
  } catch (error) {
    if (error instanceof KhactlError) return `${error.code}: ${error.message} — ${error.details.hint}`
  }
  return 'edited'
}

describe('add', () => {
  const cases: Readonly<Record<string, readonly [before: string, after: string]>> = {
    'a flow entry beside flow entries': [
      'masters:\n  - { name: m1, address: 10.0.0.1 } # first\n# the end\n',
      'masters:\n  - { name: m1, address: 10.0.0.1 } # first\n  - { name: m2, address: 10.0.0.2 }\n# the end\n',
    ],
    'a block entry beside block entries': [
      "masters:\n- name: 'm1'\n  address: 10.0.0.1\n  # nodeIP: later\n\nworkers: []\n",
      "masters:\n- name: 'm1'\n  address: 10.0.0.1\n  # nodeIP: later\n- name: m2\n  address: 10.0.0.2\n\nworkers: []\n",
    ],
    'without padding, with a wide dash, at the end of a file without a line break': [
      'masters:\n    -   {name: m1, address: 10.0.0.1}',
      'masters:\n    -   {name: m1, address: 10.0.0.1}\n    -   {name: m2, address: 10.0.0.2}',
    ],
    'in brackets': [
      'masters: [ { name: m1, address: 10.0.0.1 } ] # one\n',
      'masters: [ { name: m1, address: 10.0.0.1 }, { name: m2, address: 10.0.0.2 } ] # one\n',
    ],
    'in brackets over lines': [
      'masters: [\n  { name: m1, address: 10.0.0.1 } # one\n]\n',
      'masters: [\n  { name: m1, address: 10.0.0.1 }, # one\n  { name: m2, address: 10.0.0.2 }\n]\n',
    ],
    'in brackets over lines, with a comma at the end': [
      'masters: [\n  { name: m1, address: 10.0.0.1 }, # one\n]\n',
      'masters: [\n  { name: m1, address: 10.0.0.1 }, # one\n  { name: m2, address: 10.0.0.2 },\n]\n',
    ],
    JSON: [
      '{ "masters": [{ "name": "m1", "address": "10.0.0.1" }] }\n',
      '{ "masters": [{ "name": "m1", "address": "10.0.0.1" }, { "name": "m2", "address": "10.0.0.2" }] }\n',
    ],
    'Windows line breaks': [
      'masters:\r\n  - name: m1\r\n    address: 10.0.0.1\r\n',
      'masters:\r\n  - name: m1\r\n    address: 10.0.0.1\r\n  - name: m2\r\n    address: 10.0.0.2\r\n',
    ],
    'a byte order mark': [
      '\uFEFFmasters:\n  - { name: m1, address: 10.0.0.1 }\n',
      '\uFEFFmasters:\n  - { name: m1, address: 10.0.0.1 }\n  - { name: m2, address: 10.0.0.2 }\n',
    ],
    'an empty list': [
      'masters: [] # none\n  # yet\n',
      'masters: # none\n  - { name: m2, address: 10.0.0.2 }\n  # yet\n',
    ],
    'a list without a value': [
      'masters:\nworkers: []\n',
      'masters:\n  - { name: m2, address: 10.0.0.2 }\nworkers: []\n',
    ],
    'a list that is not there': [
      'haproxy:\n  - { name: h1, address: 10.0.0.9 }\n  # - { name: h2 }\n# vim\n',
      'haproxy:\n  - { name: h1, address: 10.0.0.9 }\n  # - { name: h2 }\nmasters:\n  - { name: m2, address: 10.0.0.2 }\n# vim\n',
    ],
    'a list that is not there, after a gap as the others have it': [
      'haproxy:\n- name: h1\n  address: 10.0.0.9\n\n# Workers.\nworkers:\n- name: w1\n  address: 10.0.0.3\n',
      'haproxy:\n- name: h1\n  address: 10.0.0.9\n\n# Workers.\nworkers:\n- name: w1\n  address: 10.0.0.3\n\nmasters:\n- name: m2\n  address: 10.0.0.2\n',
    ],
  }
  it.each(Object.entries(cases))('%s', (_, [before, after]) => {
    expect(editInventory(before, [add('masters', 'm2', '10.0.0.2')])).toBe(after)
    expect(editInventory(after, [add('masters', 'm2', '10.0.0.2')])).toBe(after)
  })
})

describe('add writes', () => {
  it('every key, in the order of inventories, quoted where YAML needs it', () => {
    const host = {
      ssh: { user: 'ubuntu', port: 2222, keys: ['./a b', '~/c'] },
      taints: ['dedicated=db:NoSchedule', 'x:NoExecute'],
      labels: { 'topology.kubernetes.io/zone': 'a', spare: '', count: '3', on: 'true' },
      interface: 'eth1',
      nodeIP: '10.0.0.4',
      address: 'w4.example',
      name: 'w4',
    }
    const values = `labels: { topology.kubernetes.io/zone: a, spare: "", count: "3", on: "true" }`
    const rest = [
      'taints: [dedicated=db:NoSchedule, x:NoExecute]',
      'ssh: { user: ubuntu, port: 2222, keys: [./a b, ~/c] }',
    ]
    const keys = ['name: w4', 'address: w4.example', 'nodeIP: 10.0.0.4', 'interface: eth1', values, ...rest]
    const before = 'workers:\n  - { name: w1, address: 10.0.0.1 }\n'
    expect(editInventory(before, [{ kind: 'add', list: 'workers', host }])).toBe(
      `${before}  - { ${keys.join(', ')} }\n`,
    )
    const block = 'workers:\n  - name: w1\n    address: 10.0.0.1\n'
    const lines = keys.map((key, index) => `${index === 0 ? '  - ' : '    '}${key}\n`).join('')
    expect(editInventory(block, [{ kind: 'add', list: 'workers', host }])).toBe(block + lines)
  })
})

describe('mark and forget', () => {
  const cases: Readonly<Record<string, readonly [before: string, marked: string, forgotten: string]>> = {
    'a flow entry': [
      'workers:\n  - { name: w1, address: a }\n  # about w2\n  - { name: w2, address: b } # tail\n  # about w3\n  - { name: w3, address: c }\n',
      'workers:\n  - { name: w1, address: a }\n  # about w2\n  - { name: w2, address: b, state: absent } # tail\n  # about w3\n  - { name: w3, address: c }\n',
      'workers:\n  - { name: w1, address: a }\n  # about w3\n  - { name: w3, address: c }\n',
    ],
    'a block entry with a comment inside': [
      'workers:\n- name: w1\n  address: a\n- name: w2\n  # inside\n  address: b # tail\n  # below\n\n# next\nx: 1\n',
      'workers:\n- name: w1\n  address: a\n- name: w2\n  # inside\n  address: b # tail\n  state: absent\n  # below\n\n# next\nx: 1\n',
      'workers:\n- name: w1\n  address: a\n\n# next\nx: 1\n',
    ],
    'an entry that says `state: present`': [
      'workers:\n  - name: w2\n    state: "present" # so far\n    address: b\n',
      'workers:\n  - name: w2\n    state: "absent" # so far\n    address: b\n',
      'workers: []\n',
    ],
    'an entry with a state without a value': [
      'workers:\n  - { name: w2, state: , address: b }\n',
      'workers:\n  - { name: w2, state: absent, address: b }\n',
      'workers: []\n',
    ],
    'the comment that heads a list': [
      'workers:\n  # All of rack 1.\n  - { name: w2, address: b }\n  - { name: w3, address: c }\n',
      'workers:\n  # All of rack 1.\n  - { name: w2, address: b, state: absent }\n  - { name: w3, address: c }\n',
      'workers:\n  # All of rack 1.\n  - { name: w3, address: c }\n',
    ],
    'the last line of a file without a line break': [
      'workers:\n  - { name: w1, address: a }\n  - { name: w2, address: b }',
      'workers:\n  - { name: w1, address: a }\n  - { name: w2, address: b, state: absent }',
      'workers:\n  - { name: w1, address: a }',
    ],
    'an entry that ends in a text of several lines': [
      'workers:\n  - name: w2\n    address: b\n    kubeletConfiguration:\n      x: |\n        one\n\n        # two\n  - name: w3\n    address: c\n',
      'workers:\n  - name: w2\n    address: b\n    state: absent\n    kubeletConfiguration:\n      x: |\n        one\n\n        # two\n  - name: w3\n    address: c\n',
      'workers:\n  - name: w3\n    address: c\n',
    ],
    'in brackets on one line': [
      'workers: [{name: w1, address: a}, {name: w2, address: b}, {name: w3, address: c}]\n',
      'workers: [{name: w1, address: a}, {name: w2, address: b, state: absent}, {name: w3, address: c}]\n',
      'workers: [{name: w1, address: a}, {name: w3, address: c}]\n',
    ],
    'in brackets over lines': [
      'workers: [\n  {name: w1, address: a}, # one\n  # two\n  {name: w2, address: b} # tail\n]\n',
      'workers: [\n  {name: w1, address: a}, # one\n  # two\n  {name: w2, address: b, state: absent} # tail\n]\n',
      'workers: [\n  {name: w1, address: a} # one\n]\n',
    ],
    JSON: [
      '{"workers": [{"name": "w2", "address": "b"}]}',
      '{"workers": [{"name": "w2", "address": "b", "state": "absent"}]}',
      '{"workers": []}',
    ],
    'the middle of a range': [
      'workers:\n  # rack\n  - { name: "w[1:3]", address: "10.0.0.[1:3]", labels: { a: b } } # tail\n',
      'workers:\n  # rack\n  - { name: "w1", address: "10.0.0.1", labels: { a: b } } # tail\n  - { name: "w2", address: "10.0.0.2", labels: { a: b }, state: absent }\n  - { name: "w3", address: "10.0.0.3", labels: { a: b } }\n',
      'workers:\n  # rack\n  - { name: "w1", address: "10.0.0.1", labels: { a: b } } # tail\n  - { name: "w3", address: "10.0.0.3", labels: { a: b } }\n',
    ],
    'the first of a range, below a comment': [
      'workers:\n  - { name: w1, address: a }\n  # rack\n  - name: w[2:4]\n    address: 10.0.0.[12:14]\n    nodeIP: 10.1.0.[09:11]\n  # end\n',
      'workers:\n  - { name: w1, address: a }\n  # rack\n  - name: w[3:4]\n    address: 10.0.0.[13:14]\n    nodeIP: 10.1.0.[10:11]\n  - name: w2\n    address: 10.0.0.12\n    nodeIP: 10.1.0.09\n    state: absent\n  # end\n',
      'workers:\n  - { name: w1, address: a }\n  # rack\n  - name: w[3:4]\n    address: 10.0.0.[13:14]\n    nodeIP: 10.1.0.[10:11]\n  # end\n',
    ],
    'in brackets, a range': [
      'workers: [{name: "w[1:2]", address: "x[1:2]"}, {name: w9, address: z}]\n',
      'workers: [{name: "w1", address: "x1"}, {name: "w2", address: "x2", state: absent}, {name: w9, address: z}]\n',
      'workers: [{name: "w1", address: "x1"}, {name: w9, address: z}]\n',
    ],
  }
  it.each(Object.entries(cases))('%s', (_, [before, marked, forgotten]) => {
    expect(editInventory(before, [mark('w2')])).toBe(marked)
    expect(editInventory(marked, [mark('w2')])).toBe(marked)
    expect(editInventory(marked, [forget('w2')])).toBe(forgotten)
    expect(editInventory(before, [forget('w2')])).toBe(before)
    expect(editInventory(before.replaceAll('\n', '\r\n'), [mark('w2'), forget('w2')])).toBe(
      forgotten.replaceAll('\n', '\r\n'),
    )
  })

  it('keeps the zeros of a range, and leaves whole what is dead in a range that leaves', () => {
    const before = 'workers:\n  - { name: "worker-[01:12]", address: "10.0.0.[31:42]" }\n'
    const marked = editInventory(before, [mark('worker-09')])
    expect(marked.split('\n').slice(1, 4)).toEqual([
      '  - { name: "worker-[01:08]", address: "10.0.0.[31:38]" }',
      '  - { name: "worker-09", address: "10.0.0.39", state: absent }',
      '  - { name: "worker-[10:12]", address: "10.0.0.[40:42]" }',
    ])
    const leaving = 'workers:\n  - { name: "w[1:3]", address: "x[1:3]", state: absent }\n'
    expect(editInventory(leaving, [forget('w2')])).toBe(
      'workers:\n  - { name: "w1", address: "x1", state: absent }\n  - { name: "w3", address: "x3", state: absent }\n',
    )
  })

  it('in every list or in the one that is named, as absent or as dead', () => {
    const before = 'haproxy:\n  - { name: m1, address: a }\nmasters:\n  - { name: m1, address: a }\n'
    expect(editInventory(before, [mark('m1')])).toBe(before.replaceAll(' }', ', state: absent }'))
    const dead = editInventory(before, [{ ...mark('m1'), list: 'masters', state: 'dead' } as Edit])
    expect(dead).toBe(`${before.slice(0, -3)}, state: dead }\n`)
    expect(editInventory(dead, [{ ...mark('m1'), list: 'masters' } as Edit])).toBe(dead)
    expect(editInventory(dead, [forget('m1')])).toBe('haproxy:\n  - { name: m1, address: a }\nmasters: []\n')
  })
})

describe('what cannot be edited', () => {
  const there = 'masters:\n  - { name: m1, address: 10.0.0.1 }\n  - { name: "n[1:2]", address: "10.0.0.[8:9]" }\n'
  it('a host that is not there', () => {
    expect(refusal(there, mark('m2'))).toBe('inventory.edit: m2 does not stand in the inventory — Did you mean m1?')
    expect(refusal(there, { ...mark('m1'), list: 'workers' } as Edit)).toMatch(/m1 does not stand in `workers` — /)
  })
  it('a host that is there with another address, or is leaving', () => {
    expect(refusal(there, add('masters', 'n2', '10.0.0.7'))).toMatch(
      /n2 is in `masters` already, with the address 10.0.0.9/,
    )
    expect(refusal(there, add('haproxy', 'm1', '10.0.0.7'))).toMatch(/m1 is in `masters` already/)
    expect(editInventory(there, [add('masters', 'n2', '10.0.0.9')])).toBe(there)
    expect(refusal(editInventory(there, [mark('m1')]), add('masters', 'm1', '10.0.0.1'))).toMatch(/still to be removed/)
  })
  it('aliases and anchors in the way', () => {
    const shared = 'haproxy: &all\n  - { name: m1, address: a }\nmasters: *all\n'
    expect(refusal(shared, add('masters', 'm2', 'b'))).toMatch(/`masters` is written in a way .* — Anchors, aliases/)
    expect(refusal(shared, add('haproxy', 'm2', 'b'))).toMatch(/`haproxy` is written in a way/)
    const item =
      'haproxy:\n  - &m1 { name: m1, address: a, state: absent }\nmasters:\n  - *m1\n  - { name: m2, address: c }\n'
    expect(editInventory(item, [forget('m1')])).toBe('haproxy: []\nmasters:\n  - { name: m2, address: c }\n')
    expect(refusal(item.replaceAll(', state: absent', ''), mark('m1'))).toMatch(/written in a way/)
    const part =
      'masters:\n  - { name: m1, address: a, ssh: &s { user: u }, state: absent }\n  - { name: m2, address: b, ssh: *s }\n'
    expect(refusal(part, forget('m1'))).toMatch(/written in a way/)
    expect(editInventory(part, [mark('m2')])).toBe(part.replace('*s }', '*s, state: absent }'))
  })
  it('a file that cannot be read', () => {
    expect(refusal('masters: [', add('masters', 'm1', 'a'))).toMatch(/while it cannot be read/)
    expect(refusal('- 1\n', add('masters', 'm1', 'a'))).toMatch(/while it cannot be read/)
  })
})
