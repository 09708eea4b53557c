// Progress on a terminal: one row a host, what it is doing and for how long, drawn ten times a second at most.
import type { Ms } from '../model/session.js'
import { plainLine } from '../text/plain.js'
import { createBoard, fold } from './board.js'
import { dispatch, type Cases, type Sink, type Stamped } from './bus.js'
import { failureLines } from './error-text.js'
import type { FrameView } from './frame-line.js'
import { finalFrame, frame } from './frame.js'
import { wrap } from '../text/width.js'
import { createScreen, type TerminalStream } from './screen.js'
import type { Style } from './style.js'
import { growTree, type Picture, type Tree } from './tree.js'

export interface TtyOptions {
  readonly stream: TerminalStream
  readonly now: () => Ms
  readonly style: Style
  readonly marks: 'unicode' | 'ascii'
  /** verbose: commands and what they print scroll by above the picture. */
  readonly verbosity: 'normal' | 'verbose'
}

/** When a walk has ended the terminal is free at once: the plan and the question may be written. */
export const createTtySink = ({ stream, now, style, marks, verbosity }: TtyOptions): Sink => {
  const board = createBoard()
  const screen = createScreen(stream)
  let tree: Tree | null = null
  /** A question stands where the picture is. */
  let isAsking = false

  const view = (): FrameView => ({ columns: stream.columns ?? 80, rows: stream.rows ?? 24, now: now(), style, marks })
  const newPicture = (): Picture => {
    let finished = false
    return {
      draw: () => {
        if (!finished && !isAsking) screen.draw(frame(board, view()))
      },
      finish: () => {
        if (!finished) screen.finish(finalFrame(board, view()))
        finished = true
      },
    }
  }
  const endTree = (): void => {
    tree?.end()
    tree = null
  }
  const follow: Cases<void> = {
    asking: () => {
      screen.finish([])
      isAsking = true
    },
    asked: () => void (isAsking = false),
    connecting: () => void (tree ??= growTree([], newPicture())),
    'walk-started': () => void (tree = growTree(board.stages, newPicture())),
    'stage-started': ({ stage }) => tree?.stageStarted(stage),
    'lane-ended': ({ stage, host, outcome }) =>
      tree?.rowEnded({ stage, host, failure: outcome === 'failed' ? `${host} failed` : null }),
    'walk-ended': endTree,
    'run-ended': endTree,
  }
  return {
    name: 'progress',
    take: (event) => {
      // The picture of connecting ends with what it last showed, before the board turns to the walk.
      if (event.type === 'walk-started') endTree()
      fold(board, event)
      const lines = aside(event, { style, verbosity, columns: stream.columns })
      if (lines.length > 0) screen.above(lines)
      dispatch(event, follow)
      if (lines.length > 0 && tree === null && !isAsking) screen.finish([])
    },
    close: endTree,
  }
}

/** What stays on the screen beside the picture. */
const aside = (
  event: Stamped,
  { style, verbosity, columns }: Pick<TtyOptions, 'style' | 'verbosity'> & { readonly columns: number | undefined },
): readonly string[] => {
  const wordy = (text: string): readonly string[] => (verbosity === 'verbose' ? [style.dim(plainLine(text))] : [])
  const lines = dispatch<readonly string[]>(event, {
    note: ({ level, text }) => {
      const [first = '', ...rest] = wrap(plainLine(text), Math.max(20, (columns ?? 80) - 3))
      const lines = level === 'warning' ? [`! ${first}`, ...rest.map((line) => `  ${line}`)] : [first, ...rest]
      return level === 'warning' ? lines.map(style.yellow) : lines
    },
    failure: ({ host, failure }) =>
      failureLines(failure, { place: host === undefined ? {} : { host }, style, columns }),
    command: ({ host, command }) => wordy(`${host} $ ${command.trim().split('\n')[0] ?? ''}`),
    output: ({ host, line }) => wordy(`${host} | ${plainLine(line)}`),
  })
  return lines ?? []
}
