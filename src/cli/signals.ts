// Ctrl-C: the first asks the run to stop where it may, the second ends it at once (R-I3).
import { exitCodes, KhactlError } from '../model/error.js'
import type { Io } from './io.js'

export interface Interrupt {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal
  readonly interrupted: () => boolean
  /** A Ctrl-C that was read as a key, while a terminal was asked for a secret. */
  press(): void
  /** Gives the signals back. */
  release(): void
}

/** `first` is called once, at the first signal. */
export const watchSignals = (io: Pick<Io, 'onSignal' | 'exit'>, first: () => unknown): Interrupt => {
  const controller = new AbortController()
  const act = (again: 'leaves' | 'changes nothing'): void => {
    if (!controller.signal.aborted) {
      controller.abort()
      first()
    } else if (again === 'leaves') io.exit(exitCodes.interrupted)
  }
  const releases = [
    io.onSignal('SIGINT', () => act('leaves')),
    io.onSignal('SIGTERM', () => act('leaves')),
    // A terminal that closes says so twice, by the kernel and by its shell: nobody asks for haste.
    io.onSignal('SIGHUP', () => act('changes nothing')),
  ]
  return {
    signal: controller.signal,
    interrupted: () => controller.signal.aborted,
    press: () => act('leaves'),
    release: () => {
      for (const release of releases) release()
    },
  }
}

/** For what comes before the first change: it is left where it stands, with KhactlError `run.interrupted`. */
export const unlessInterrupted = <T>(signal: AbortSignal, work: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const stop = (): void =>
      reject(
        new KhactlError('run.interrupted', {
          message: 'stopped before anything was changed',
          exit: 'interrupted',
          hint: 'The same command begins anew: nothing has to be tidied up.',
        }),
      )
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
