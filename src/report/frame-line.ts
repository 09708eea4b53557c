// One line of the picture: mark, name, text, an aside that goes first when room is short, and a time on the right.
import { plainLine } from '../text/plain.js'
import { displayWidth, padEnd, truncate } from '../text/width.js'
import type { Style } from './style.js'

export interface FrameView {
  readonly columns: number
  readonly rows: number
  readonly now: number
  readonly style: Style
  readonly marks: 'unicode' | 'ascii'
}

type Paint = keyof Style | 'plain'

export interface Line {
  /** 0: stage, 1: host. */
  readonly indent: 0 | 1
  readonly mark: keyof (typeof markSets)['unicode'] | ''
  readonly name: string
  readonly text: string
  /** Dropped first when there is no room. */
  readonly aside?: string
  readonly right: string
  readonly paint: Paint
}

const markSets = {
  unicode: { done: '✔', failed: '✖', working: '▸', waiting: '·', blocked: '⊘', busy: '◐' },
  ascii: { done: '+', failed: 'x', working: '>', waiting: '.', blocked: '-', busy: 'o' },
}

export const draw = (line: Line, view: FrameView): string => {
  const { style, marks } = view
  const mark = line.mark === '' ? ' ' : markSets[marks][line.mark]
  const nameWidth = view.columns >= 100 ? 16 : 12
  const name = line.name === '' ? '' : `${padEnd(plainLine(line.name), nameWidth)} `
  const start = `${line.indent === 0 ? '' : '  '}${mark} ${name}`
  const text = plainLine(line.text)
  const aside = plainLine(line.aside ?? '')
  const [left, right] = sides(`${start}${text}${aside === '' ? '' : `  ${aside}`}`, line.right, view)
  const split =
    displayWidth(`${start}${text}`) < displayWidth(left) && aside !== '' ? `${start}${text}`.length : left.length
  const paint = line.paint === 'plain' ? (value: string) => value : style[line.paint]
  return `${paint(left.slice(0, split))}${style.dim(left.slice(split))}${style.dim(right)}`
}

/** Left and right, together one column less than the terminal has, so that it never wraps. */
export const sides = (left: string, right: string, { columns }: FrameView): readonly [string, string] => {
  const width = columns - 1
  const gap = right === '' ? 0 : displayWidth(right) + 2
  const cut = truncate(left, width - gap)
  return right === '' ? [cut, ''] : [padEnd(cut, width - displayWidth(right)), right]
}
