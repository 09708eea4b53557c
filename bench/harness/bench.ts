// What a benchmark is: contestants that are run in turn in one sitting, and what is told of them.

/** One run of one contestant. */
export interface Sample {
  readonly wallMs: number
  /** User and system time of the process and of all it waited for. The machine is noisy: this is the steadier figure. */
  readonly cpuMs?: number
}

export interface Contestant {
  readonly name: string
  /** Not timed: brings about the state that the run is to start from. */
  readonly before?: () => Promise<void>
  readonly run: () => Promise<Sample>
}

export interface Standing {
  readonly name: string
  readonly samples: readonly Sample[]
}

export interface Table {
  readonly title: string
  /** Name of the contestant that the others are measured against. */
  readonly reference: string
  readonly standings: readonly Standing[]
}

/** A single number beside the tables: round trips, bytes, a ratio that the issue of performance has a gate for. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly gate?: string
}

export interface Outcome {
  readonly tables: readonly Table[]
  readonly figures?: readonly Figure[]
  /** What one must know to read it: what was left out, what stood in for what. */
  readonly notes?: readonly string[]
}

export interface Sitting {
  readonly rounds: number
  /** Progress, for the person who waits. */
  readonly say: (line: string) => void
}

export interface Bench {
  readonly title: string
  run(sitting: Sitting): Promise<Outcome>
}
