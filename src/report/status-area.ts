// What an area of a status is made of: its line, and its problems.

export interface StatusProblem {
  /** `failure`: something does not work, or soon will not; `warning`: somebody should look; `change`: up would mend it. */
  readonly level: 'failure' | 'warning' | 'change'
  /** A host, a member, a node; empty: the cluster. */
  readonly where: string
  readonly what: string
  /** What to do; empty: the hint of the problem that it follows from. */
  readonly hint: string
  /** What tells people enough of it: the host whose fault it follows from, or empty: its area's line. null: nothing. */
  readonly follows: string | null
}

/** One line on the screen while all is well. */
export interface Area<T = unknown> {
  readonly title: string
  readonly summary: string
  /** Shown below the line when something is wrong: rows of cells. */
  readonly table: readonly (readonly string[])[]
  readonly problems: readonly StatusProblem[]
  readonly data: T
}
