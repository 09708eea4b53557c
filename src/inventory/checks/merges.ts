// A host in two lists becomes one: what both entries say has to agree.
import { isDeepStrictEqual } from 'node:util'
import type { Subject } from '../subject.js'
import { isLeaving, type Mention } from '../hosts.js'
import { mistake, type Problem } from '../problem.js'

export const mergeProblems = ({ mentions }: Subject): readonly Problem[] =>
  mentions.flatMap((again, index) => {
    const first = mentions
      .slice(0, index)
      .find(({ name, list }) => name !== null && name === again.name && list !== again.list)
    return first === undefined ? [] : [...contradictions(first, again), ...lostSettings(first, again)]
  })

const contradictions = (first: Mention, again: Mention): readonly Problem[] =>
  [
    ...(['nodeIP', 'interface', 'taints', 'kubeletConfiguration'] as const).map((key) => ({
      key: [key],
      values: [first.entry[key], again.entry[key]],
    })),
    ...(['ssh', 'labels'] as const).flatMap((part) => {
      const [a, b]: Record<string, unknown>[] = [first.entry[part] ?? {}, again.entry[part] ?? {}]
      return Object.keys(b ?? {}).map((key) => ({ key: [part, key], values: [a?.[key], b?.[key]] }))
    }),
  ]
    .filter(({ values: [a, b] }) => a !== undefined && b !== undefined && !isDeepStrictEqual(a, b))
    .map(({ key }) =>
      mistake('contradiction', {
        path: [...again.path, ...key],
        other: [...first.path, ...key],
        message: `${again.name ?? 'This host'} says something else for \`${key.join('.')}\` in \`${first.list}\``,
        hint: 'It is one host: write the setting in one of the two entries.',
      }),
    )

/** What stands in the leaving entry alone would be lost with it, and the host that stays would become another one. */
const lostSettings = (first: Mention, again: Mention): readonly Problem[] => {
  if (isLeaving(first) === isLeaving(again)) return []
  const [going, staying] = isLeaving(first) ? [first, again] : [again, first]
  return (['nodeIP', 'labels', 'taints', 'kubeletConfiguration', 'ssh'] as const)
    .filter((key) => going.entry[key] !== undefined && staying.entry[key] === undefined)
    .map((key) =>
      mistake('leaving', {
        path: [...going.path, key],
        message: `${going.name ?? 'This host'} leaves \`${going.list}\` and stays in \`${staying.list}\`, where its \`${key}\` does not stand`,
        hint: `Move \`${key}\` to its entry in \`${staying.list}\`.`,
      }),
    )
}
