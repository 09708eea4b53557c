// Strict addresses and subnets.
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  contains,
  formatIPv4,
  formatSubnet,
  overlaps,
  parseIPv4,
  parseSubnet,
  subnetAround,
} from '../../src/text/ipv4.js'

const address = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const subnet = fc.tuple(address, fc.integer({ min: 0, max: 32 })).map(([at, prefix]) => subnetAround(at, prefix))

it.each(['010.0.0.1', '10.0.1', '10.0.0.256', '10.0.0.1 ', '0x0a.0.0.1', '1e1.0.0.1', '', '10.0.0.-1', '::1'])(
  'refuses %j',
  (text) => {
    expect(parseIPv4(text)).toBeNull()
  },
)

it.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/08', '10.0.0.0/8/8', '/8'])('refuses the subnet %j', (text) => {
  expect(parseSubnet(text)).toBeNull()
})

it('reads what it writes', () => {
  fc.assert(fc.property(address, (number) => parseIPv4(formatIPv4(number)) === number))
  fc.assert(fc.property(subnet, (net) => formatSubnet(parseSubnet(formatSubnet(net))!) === formatSubnet(net)))
})

it('has overlaps that are symmetric, and exactly when one holds the start of the other', () => {
  fc.assert(
    fc.property(subnet, subnet, (a, b) => {
      const expected = contains(a, b.first) || contains(b, a.first)
      return overlaps(a, b) === expected && overlaps(b, a) === expected
    }),
  )
})
