// The exponent by which a cost grows.
import { expect, test } from 'vitest'
import { exponentOf } from '../../bench/width/growth.js'
import { asOf, model, modelOf, type Standing } from '../../bench/width/standing.js'

test('is that of the power law the points lie on', () => {
  const lawOf = (power: number) => [10, 50, 200, 1000].map((x) => [x, 3 * x ** power] as const)
  expect(exponentOf(lawOf(1))).toBeCloseTo(1, 6)
  expect(exponentOf(lawOf(2))).toBeCloseTo(2, 6)
})

test('two stand-ins ask one question, and each is answered as itself', () => {
  const host = (index: number): Standing => ({
    name: `worker-${index}`,
    address: `127.77.0.${index}`,
    nodeIP: `10.77.0.${index}`,
    mac: `02:77:00:00:00:0${index}`,
    machineId: String(index).repeat(32),
  })
  const ask = (one: Standing, nonce: string) =>
    modelOf(`khactl-${nonce.repeat(24)}; ping ${one.nodeIP}; echo ${one.name} worker-10`, one)
  const [first, second] = [ask(host(1), 'a'), ask(host(2), 'b')]
  expect(first.text).toBe(second.text)
  const said = `${/khactl-\S{24}/.exec(first.text)?.[0]} ${model.name} ${model.nodeIP} ${model.mac} ${model.machineId}`
  const told = asOf(Buffer.from(said), { host: host(2), nonces: second.nonces, at: 0 }).toString()
  expect(told).toBe(`khactl-${'b'.repeat(24)} worker-2 10.77.0.2 02:77:00:00:00:02 ${'2'.repeat(32)}`)
})
