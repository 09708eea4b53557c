// Did you mean …?
import { expect, it } from 'vitest'
import { suggest } from '../../src/text/suggest.js'

const keys = ['name', 'version', 'podSubnet', 'serviceSubnet', 'cni', 'vip', 'workers', 'masters', 'haproxy']

it.each([
  ['versoin', 'version'],
  ['pod_subnet', 'podSubnet'],
  ['PodSubnet', 'podSubnet'],
  ['master', 'masters'],
  ['wrokers', 'workers'],
  ['vpi', 'vip'],
  ['serviceSubnets', 'serviceSubnet'],
  ['frobnicate', null],
  ['x', null],
  ['', null],
])('%j → %j', (word, meant) => expect(suggest(word, keys)).toBe(meant))
