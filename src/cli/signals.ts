// Ctrl-C: the first asks the run to stop where it may, the second ends it at once (R-I3).
import { exitCodes } from '../model/error.js'
import type { Io } from './io.js'

export interface Interrupt {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal
  readonly interrupted: () => boolean
  /** Gives the signals back. */
  release(): void
}

/** `tell` says once, on the first signal, what happens now. */
export const watchSignals = (io: Pick<Io, 'onSignal' | 'exit'>, tell: (text: string) => void): Interrupt => {
  const controller = new AbortController()
  const act = (): void => {
    if (controller.signal.aborted) io.exit(exitCodes.interrupted)
    controller.abort()
    tell('Stopping: steps under way are finished, no other is begun. Press Ctrl-C again to leave at once.')
  }
  const releases = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => io.onSignal(signal, act))
  return {
    signal: controller.signal,
    interrupted: () => controller.signal.aborted,
    release: () => {
      for (const release of releases) release()
    },
  }
}
