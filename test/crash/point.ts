// The points at which a run is hit: the middle of every change, and the boundary right behind it.
export interface Place {
  readonly stage: string
  readonly host: string
  readonly step: string
}

export interface Point extends Place {
  /**
   * `middle`: its command went to the host, its outcome was not told yet; fakes know several middles. `after`: done, and
   * nothing begun behind it.
   */
  readonly moment: string
}

export const keyOf = ({ stage, host, step }: Place): string => `${stage}/${host}/${step}`

export const nameOf = (point: Point): string => `${point.moment} ${keyOf(point)}`

/** Both points of each of these changes. */
export const pointsOf = (places: readonly Place[]): readonly Point[] =>
  places.flatMap(({ stage, host, step }) => ['middle', 'after'].map((moment) => ({ stage, host, step, moment })))
