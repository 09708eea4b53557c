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
