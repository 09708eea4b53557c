// The figures of a benchmark: medians, minima, ratios, and the times a shell tells.
import { describe, expect, test } from 'vitest'
import type { Contestant, Table } from '../../bench/harness/bench.js'
import { contest } from '../../bench/harness/contest.js'
import { readStopwatch, timed } from '../../bench/harness/process.js'
import { outcomeJson, tableText } from '../../bench/harness/report.js'
import { controllerCpu, linesOf, median, ratioOf } from '../../bench/harness/statistics.js'

const table = (times: Readonly<Record<string, readonly number[]>>): Table => ({
  title: 'a race',
  reference: Object.keys(times)[0] ?? '',
  standings: Object.entries(times).map(([name, of]) => ({
    name,
    samples: of.map((wallMs) => ({ wallMs, cpuMs: wallMs / 2 })),
  })),
})

describe('statistics', () => {
  test('a median is the middle one, or between the two in the middle', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([9, 1, 5, 4])).toBe(4.5)
    expect(median([])).toBeNaN()
  })

  test('every contestant is measured against the reference', () => {
    const [bare, other] = linesOf(table({ bare: [100, 300, 200], other: [500, 300, 1000] }))
    expect(bare).toMatchObject({ medianMs: 200, minMs: 100, cpuMs: 100, ratio: 1, minRatio: 1, cpuRatio: 1 })
    expect(other).toMatchObject({ medianMs: 500, minMs: 300, cpuMs: 250, ratio: 2.5, minRatio: 3, cpuRatio: 2.5 })
    expect(ratioOf(table({ a: [2], b: [8] }), ['b', 'a'])).toBe(4)
  })

  test("CPU a host leaves node's own start out", () => {
    const told = controllerCpu(table({ node: [80], up: [480] }), { up: 'up', node: 'node', hosts: 10 })
    expect(told).toMatchObject({ value: 20, unit: 'ms' })
  })

  test('a reference that does not run is refused', () => {
    expect(() => linesOf({ ...table({ a: [1] }), reference: 'b' })).toThrow('"b"')
  })
})

describe('a contest', () => {
  const counting = (name: string, log: string[]): Contestant => ({
    name,
    before: async () => void log.push(`before ${name}`),
    run: async () => {
      log.push(name)
      return { wallMs: log.length }
    },
  })

  test('runs everybody in turn, another one first each round, and does not count the first round', async () => {
    const log: string[] = []
    const contestants = [counting('a', log), counting('b', log)]
    const { standings } = await contest({ title: '', reference: 'a', contestants }, { rounds: 2, say: () => undefined })
    expect(log.filter((line) => !line.startsWith('before'))).toEqual(['a', 'b', 'b', 'a', 'a', 'b'])
    expect(log.filter((_, index) => index % 2 === 0).every((line) => line.startsWith('before'))).toBe(true)
    expect(standings.map(({ samples }) => samples.length)).toEqual([2, 2])
    expect(standings[0]?.samples).toEqual([{ wallMs: 8 }, { wallMs: 10 }])
  })
})

describe('a process', () => {
  test('its CPU time holds that of its children, and its output is its own', async () => {
    const burn = 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'
    const command = ['bash', '-c', `bash -c '${burn}'; echo out; echo err >&2`]
    const { wallMs, cpuMs, stdout, stderr, status } = await timed({ command })
    expect({ stdout, stderr, status }).toEqual({ stdout: 'out\n', stderr: 'err\n', status: 0 })
    expect(cpuMs).toBeGreaterThan(50)
    expect(wallMs).toBeGreaterThan(50)
  })

  test('one that fails is no figure', async () => {
    await expect(timed({ command: ['sh', '-c', 'echo no such thing; exit 3'] })).rejects.toThrow(/3\nno such thing/)
    await expect(timed({ command: ['sh', '-c', 'exit 3'], accept: [3] })).resolves.toMatchObject({ status: 3 })
  })

  test('times that bash tells', () => {
    const told = '10.500000 12.000000 0\n0m9.000s 0m9.000s\n1m0.250s 0m0.500s\n'
    expect(readStopwatch(told)).toEqual({ wallMs: 1500, cpuMs: 60_750, status: 0 })
    expect(() => readStopwatch('')).toThrow('no times')
  })
})

describe('what is told', () => {
  test('a table has the raw times beside the ratios', () => {
    expect(tableText(table({ bare: [100, 300, 200], other: [500, 300, 1000] }))).toMatchInlineSnapshot(`
      "a race; ratios to: bare
             median ms  min ms  CPU ms  ratio  of min  of CPU
      bare         200     100     100  1.00×   1.00×   1.00×
      other        500     300     250  2.50×   3.00×   2.50×
      raw, ms:
        bare: 100 300 200
        other: 500 300 1000"
    `)
  })

  test('a file has every run, one line a list', () => {
    const machine = { cpus: 2, node: 'v20', loadBefore: 0.5, loadAfter: 1 }
    const text = outcomeJson(
      { name: 'race', title: 'a race', date: 'now', machine },
      { tables: [table({ bare: [1, 2.04] })] },
    )
    expect(text).toContain('"wallMs": [1, 2]')
    expect(JSON.parse(text)).toMatchObject({ name: 'race', tables: [{ contestants: [{ name: 'bare', ratio: 1 }] }] })
  })
})
