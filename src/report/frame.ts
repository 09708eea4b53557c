// One picture of the board: at most rows-2 lines of at most columns-1, failures first.
import { count, duration } from '../text/say.js'
import { isSettled, type Board, type HostRow, type StageRow } from './board.js'
import { draw, sides, type FrameView, type Line } from './frame-line.js'

/** While the run goes on. */
export const frame = (board: Board, view: FrameView): readonly string[] => {
  const room = Math.max(4, view.rows - 2)
  if (board.mode === 'connecting') return connectingLines(board, view).slice(0, room)
  return fit(board, { room: room - 1, view, header: header(board, view) })
}

/** What stays on the screen: a line a stage, and every host that failed. */
export const finalFrame = (board: Board, view: FrameView): readonly string[] => {
  // Hosts that were not reached have been told with cause and remedy above the picture.
  if (board.mode === 'connecting') return []
  if (board.mode === 'plan') return failedLines(board.stages).map((line) => draw(line, view))
  return board.stages
    .flatMap((stage) => [stageLine(stage, view), ...failedLines([stage])])
    .map((line) => draw(line, view))
}

const connectingLines = (board: Board, view: FrameView): readonly string[] => {
  const { connected, connecting, unreachable, hosts } = board
  const all = Math.max(hosts.length, connected.size + connecting.size + unreachable.size)
  const [slowest, since] = [...connecting].toSorted((a, b) => a[1] - b[1])[0] ?? ['', view.now]
  const waiting = slowest === '' ? '' : `waiting for ${slowest} ${duration(view.now - since)}`
  const line: Line = {
    indent: 0,
    mark: 'busy',
    name: 'connect',
    paint: 'plain',
    text: `${connected.size} of ${count(all, 'host')}`,
    aside: waiting,
    right: duration(view.now - board.startedAt),
  }
  return [line, ...unreachableLines(board)].map((one) => draw(one, view))
}

const unreachableLines = ({ unreachable }: Board): readonly Line[] =>
  [...unreachable].map(([name, text]) => ({ indent: 1, mark: 'failed', name, text, right: '', paint: 'red' }))

const header = (board: Board, view: FrameView): string => {
  const { stages, mode } = board
  const begun = stages.filter(({ startedAt }) => startedAt !== null).length
  const doing = mode === 'plan' ? 'looking, nothing is changed' : `stage ${Math.max(1, begun)} of ${stages.length}`
  const left = `khactl ${board.command} ${board.cluster}: ${doing}`
  return sides(left, duration(view.now - board.startedAt), view)
    .map((part, index) => (index === 0 ? view.style.bold(part) : part))
    .join('')
}

/** Failed hosts always; then working ones; what is over or has not begun shrinks first. */
const fit = (
  board: Board,
  { room, view, header }: { readonly room: number; readonly view: FrameView; readonly header: string },
): readonly string[] => {
  const ended = board.stages.filter(({ tookMs }) => tookMs !== null)
  const active = board.stages.filter(({ startedAt, tookMs }) => startedAt !== null && tookMs === null)
  const later = board.stages.filter(({ startedAt }) => startedAt === null)
  const failed = failedLines(ended)
  const laterLine = later.length === 0 ? [] : [waitingLine(later)]
  const endedLines = ended.map((stage) => stageLine(stage, view))
  const fixed = failed.length + active.length + laterLine.length
  const wanted = active.reduce((sum, { rows }) => sum + rows.length, 0)
  const past =
    fixed + wanted + endedLines.length <= room ? endedLines : endedLines.length === 0 ? [] : [endedLine(ended)]
  const share = Math.floor(Math.max(active.length, room - fixed - past.length) / Math.max(1, active.length))
  const lines = [
    ...failed,
    ...past,
    ...active.flatMap((stage) => [stageLine(stage, view), ...hostLines(stage, { room: share, view })]),
    ...laterLine,
  ]
  return [header, ...lines.slice(0, room).map((line) => draw(line, view))]
}

const stageLine = ({ stage, title, rows, startedAt, tookMs }: StageRow, { now }: FrameView): Line => {
  const settled = rows.filter(isSettled)
  const failed = rows.filter(({ state }) => state === 'failed').length
  const changed = settled.filter((row) => row.changed > 0).length
  const blocked = rows.filter(({ state }) => state === 'blocked' || state === 'interrupted').length
  const right = rows.length - failed - blocked - changed
  const told = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(blocked > 0 ? [`${blocked} not done`] : []),
    ...(changed > 0 ? [`${changed} changed`] : []),
    ...(right > 0 ? [`${right} ok`] : []),
  ]
  const over = tookMs !== null
  if (startedAt === null) return { indent: 0, mark: 'waiting', name: stage, text: 'not begun', right: '', paint: 'dim' }
  return {
    indent: 0,
    mark: failed > 0 ? 'failed' : blocked > 0 ? 'blocked' : over ? 'done' : 'busy',
    name: stage,
    text: over ? told.join(', ') : `${settled.length} of ${count(rows.length, 'host')}`,
    aside: title === stage ? '' : title,
    right: duration(tookMs ?? now - startedAt),
    paint: failed > 0 ? 'red' : over && blocked === 0 ? 'green' : 'plain',
  }
}

const endedLine = (stages: readonly StageRow[]): Line => {
  const failed = stages.filter(({ rows }) => rows.some(({ state }) => state === 'failed')).length
  const text = `${count(stages.length, 'stage')} ended${failed > 0 ? `, ${failed} with failures` : ''}`
  const took = stages.reduce((sum, { tookMs }) => sum + (tookMs ?? 0), 0)
  return { indent: 0, mark: 'done', name: '', text, right: duration(took), paint: 'green' }
}

const waitingLine = (stages: readonly StageRow[]): Line => ({
  indent: 0,
  mark: 'waiting',
  name: '',
  right: '',
  paint: 'dim',
  text: `then ${stages.map(({ stage }) => stage).join(', ')}`,
})

const failedLines = (stages: readonly StageRow[]): readonly Line[] =>
  stages.flatMap(({ rows }) => rows.filter(({ state }) => state === 'failed').map(failedLine))

const failedLine = ({ host, doing, why }: HostRow): Line => ({
  indent: 1,
  mark: 'failed',
  name: host,
  right: '',
  paint: 'red',
  text: why === '' ? 'failed' : why,
  aside: doing,
})

const order: Readonly<Record<HostRow['state'], number>> = {
  failed: 0,
  working: 1,
  interrupted: 2,
  blocked: 2,
  done: 3,
  waiting: 4,
}

/** In the order of the inventory while there is room; else failures, then the longest at work, and the rest counted. */
const hostLines = (
  { rows }: StageRow,
  { room, view }: { readonly room: number; readonly view: FrameView },
): readonly Line[] => {
  if (rows.length <= room) {
    const first = rows.filter(({ state }) => state === 'failed')
    return [...first, ...rows.filter(({ state }) => state !== 'failed')].map((row) => hostLine(row, view))
  }
  const ranked = rows.toSorted(
    (a, b) => order[a.state] - order[b.state] || (a.state === 'working' ? a.since - b.since : 0),
  )
  const shown = ranked.slice(0, Math.max(0, room - 1))
  const rest = ranked.slice(shown.length)
  const counts = (['failed', 'working', 'done', 'waiting'] as const).flatMap((state) => {
    const number = rest.filter((row) => row.state === state).length
    return number === 0 ? [] : [`${number} ${state}`]
  })
  const text = `and ${count(rest.length, 'more host')}: ${counts.join(', ')}`
  return [...shown.map((row) => hostLine(row, view)), { indent: 1, mark: '', name: '', text, right: '', paint: 'dim' }]
}

const hostLine = (row: HostRow, { now }: FrameView): Line => {
  const { host: name, state, doing, since, manner, changed, steps, why, output } = row
  const base = { indent: 1, name, right: '' } as const
  switch (state) {
    case 'failed':
      return failedLine(row)
    case 'working':
      return {
        ...base,
        mark: 'working',
        text: doing,
        aside: output,
        right: duration(now - since),
        paint: manner === 'changing' ? 'plain' : 'dim',
      }
    case 'done': {
      const text = changed > 0 ? count(changed, 'change') : `ok, ${count(steps, 'step')}`
      return { ...base, mark: 'done', text, paint: changed > 0 ? 'green' : 'dim' }
    }
    case 'waiting':
      return { ...base, mark: 'waiting', text: 'waiting', paint: 'dim' }
    case 'blocked':
    case 'interrupted':
      return { ...base, mark: 'blocked', text: why === '' ? state : `not done: ${why}`, paint: 'yellow' }
  }
}
