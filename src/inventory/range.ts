// `worker-[01:20]` → worker-01 … worker-20. One range a value; zeros in front are kept.

export type Range =
  | { readonly kind: 'single' }
  | { readonly kind: 'range'; readonly values: readonly string[] }
  | { readonly kind: 'fault'; readonly message: string; readonly hint: string }

const most = 1000

export const expandRange = (text: string): Range => {
  const ranges = text.match(/\[[^\]]*\]?/g) ?? []
  if (ranges.length === 0) return { kind: 'single' }
  const hint = 'Write a range like `worker-[01:20]` or `10.0.0.[21:40]`.'
  if (ranges.length > 1)
    return {
      kind: 'fault',
      message: `\`${text}\` has more than one range`,
      hint: 'Write one range a value, and several entries.',
    }
  const [, before = '', first = '', last = '', after = ''] = /^([^[]*)\[(\d+):(\d+)\]([^[\]]*)$/.exec(text) ?? []
  if (first === '')
    return { kind: 'fault', message: `\`${text}\` is not a range: [FIRST:LAST] with two whole numbers`, hint }
  const [from, to] = [Number(first), Number(last)]
  if (to < from)
    return { kind: 'fault', message: `The range in \`${text}\` runs backwards`, hint: `Write \`[${last}:${first}]\`.` }
  if (to - from >= most)
    return {
      kind: 'fault',
      message: `The range in \`${text}\` stands for ${to - from + 1} hosts; ${most} is the most`,
      hint,
    }
  const pad = first.startsWith('0') ? first.length : 0
  const values = Array.from(
    { length: to - from + 1 },
    (_, index) => `${before}${String(from + index).padStart(pad, '0')}${after}`,
  )
  return { kind: 'range', values }
}
