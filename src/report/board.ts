// What a terminal shows, as data: stages, their hosts, and what each host is doing since when. A fold of the events.
import type { Mode, Verdict } from '../model/event.js'
import { dispatch, type Cases, type Stamped } from './bus.js'
import { itemsOf } from './plan-items.js'

export interface Board {
  command: string
  cluster: string
  startedAt: number
  mode: Mode | 'connecting'
  /** Hosts known before the first walk, and those that answered or failed. */
  hosts: readonly string[]
  readonly connecting: Map<string, number>
  readonly connected: Set<string>
  readonly unreachable: Map<string, string>
  stages: StageRow[]
  /** The same rows by their stage and host, and by their host alone. */
  readonly rowsByPlace: Map<string, HostRow[]>
  readonly rowsByHost: Map<string, HostRow[]>
}

export interface StageRow {
  readonly stage: string
  readonly title: string
  readonly rows: readonly HostRow[]
  startedAt: number | null
  tookMs: number | null
}

export interface HostRow {
  readonly host: string
  state: 'waiting' | 'working' | 'done' | 'failed' | 'blocked' | 'interrupted'
  /** Title of the step under way, or of the one that failed. */
  doing: string
  since: number
  manner: 'looking' | 'changing'
  changed: number
  steps: number
  /** Why it failed or was not begun. */
  why: string
  /** The last line a command printed there. */
  output: string
}

export const createBoard = (): Board => ({
  command: '',
  cluster: '',
  startedAt: Number.NaN,
  mode: 'connecting',
  hosts: [],
  connecting: new Map(),
  connected: new Set(),
  unreachable: new Map(),
  stages: [],
  rowsByPlace: new Map(),
  rowsByHost: new Map(),
})

export const isSettled = ({ state }: HostRow): boolean => state !== 'waiting' && state !== 'working'

/** Changes the board; rows keep their identity for the time of a walk. */
export const fold = (board: Board, event: Stamped): void => {
  if (Number.isNaN(board.startedAt)) board.startedAt = event.at
  dispatch(event, casesFor(board))
}

const casesFor = (board: Board): Cases<void> => ({
  'run-started': ({ command, cluster, hosts }) => void Object.assign(board, { command, cluster, hosts: hosts ?? [] }),
  connecting: ({ host, at }) => void board.connecting.set(host, at),
  connected: ({ host }) => {
    board.connecting.delete(host)
    board.connected.add(host)
  },
  failure: ({ host, failure }) => {
    if (host === undefined) return
    board.connecting.delete(host)
    if (board.mode === 'connecting') board.unreachable.set(host, failure.message)
  },
  'walk-started': ({ mode, stages }) => {
    board.mode = mode
    board.stages = stages.map(({ stage, title, hosts }) => ({
      stage,
      title,
      rows: hosts.map(freshRow),
      startedAt: null,
      tookMs: null,
    }))
    index(board)
  },
  'stage-started': (event) => {
    for (const stage of stagesNamed(board, event.stage)) stage.startedAt = event.at
  },
  'stage-ended': (event) => {
    for (const stage of stagesNamed(board, event.stage)) stage.tookMs = event.tookMs
  },
  'step-started': (event) => {
    const begun = { state: 'working', doing: event.title, since: event.at, manner: 'looking', output: '' }
    for (const row of rowsOf(board, event)) Object.assign(row, begun)
  },
  'step-applying': (event) => {
    for (const row of rowsOf(board, event)) row.manner = 'changing'
  },
  'step-ended': (event) => {
    for (const row of rowsOf(board, event)) settle(row, event)
  },
  'lane-ended': (event) => {
    for (const row of rowsOf(board, event)) row.state = event.outcome
  },
  waiting: (event) => {
    for (const row of rowsOf(board, event)) row.output = event.why
  },
  output: ({ host, line }) => {
    for (const row of board.rowsByHost.get(host) ?? []) if (row.state === 'working') row.output = line
  },
})

const freshRow = (host: string): HostRow => ({
  host,
  state: 'waiting',
  doing: '',
  since: 0,
  manner: 'looking',
  changed: 0,
  steps: 0,
  why: '',
  output: '',
})

const settle = (row: HostRow, { title, verdict }: { readonly title: string; readonly verdict: Verdict }): void => {
  row.steps += 1
  if (verdict.kind === 'changed' || verdict.kind === 'would-change') row.changed += itemsOf(verdict.changes).length
  const why = whyOf(verdict)
  if (why !== null && row.why === '') Object.assign(row, { doing: title, why })
}

const whyOf = (verdict: Verdict): string | null => {
  if (verdict.kind === 'failed') return verdict.failure.message
  if (verdict.kind === 'unreadable') return `could not be read: ${verdict.why}`
  if (verdict.kind === 'problem') return verdict.problems.find(({ level }) => level === 'failure')?.message ?? ''
  return verdict.kind === 'skipped' || verdict.kind === 'detached' ? verdict.why : null
}

const stagesNamed = ({ stages }: Board, name: string): readonly StageRow[] =>
  stages.filter(({ stage }) => stage === name)

/** Every event finds its rows here: to search for them would cost the square of the hosts. */
const index = ({ stages, rowsByPlace, rowsByHost }: Board): void => {
  rowsByPlace.clear()
  rowsByHost.clear()
  for (const { stage, rows } of stages)
    for (const row of rows) {
      const place = placeOf({ stage, host: row.host })
      rowsByPlace.set(place, [...(rowsByPlace.get(place) ?? []), row])
      rowsByHost.set(row.host, [...(rowsByHost.get(row.host) ?? []), row])
    }
}

const placeOf = ({ stage, host }: { readonly stage: string; readonly host: string }): string => `${stage}/${host}`

const rowsOf = (board: Board, place: { readonly stage: string; readonly host: string }): readonly HostRow[] =>
  board.rowsByPlace.get(placeOf(place)) ?? []
