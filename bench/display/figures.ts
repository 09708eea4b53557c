// What one run of bench/display/stream.ts measures of itself.

/** `verbose`: every line scrolls by above the picture. `cat`: the same lines, written as they come. `nothing`: no display at all. */
export const ways = ['picture', 'verbose', 'cat', 'nothing'] as const
export type Way = (typeof ways)[number]

export interface DisplayFigures {
  readonly wallMs: number
  readonly cpuMs: number
  /** CPU time of the longest turn of the event loop. */
  readonly longestTickMs: number
  readonly writes: number
  readonly bytes: number
  /** Of the terminal; undefined where it was none. */
  readonly columns: number | undefined
}
