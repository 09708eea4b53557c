// A part of a range: the third to the fifth of `worker-[01:20]` are `worker-[03:05]`.
import { expandRange } from './range.js'

/** Both ends are counted from 0 and included. A text without a range stays what it is. */
export const rangePiece = (text: string, [from, to]: readonly [number, number]): string => {
  const range = expandRange(text)
  if (range.kind !== 'range') return text
  const [, before = '', , , after = ''] = /^([^[]*)\[(\d+):(\d+)\](.*)$/.exec(text) ?? []
  const digits = (at: number): string => {
    const value = range.values[at] ?? ''
    return value.slice(before.length, value.length - after.length)
  }
  return from === to ? (range.values[from] ?? '') : `${before}[${digits(from)}:${digits(to)}]${after}`
}
