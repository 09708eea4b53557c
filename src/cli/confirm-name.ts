// The consent to what cannot be undone: the cluster's name, typed by a person or given with --confirm.
import { KhactlError } from '../model/error.js'
import { ask, type Reply } from './ask.js'
import type { Io } from './io.js'

export interface Confirmation {
  readonly io: Pick<Io, 'stdin' | 'stderr'>
  readonly signal: AbortSignal
  /** Of the cluster. */
  readonly name: string
  /** With --confirm; null: it is asked for. --yes is not enough. */
  readonly given: string | null
}

/** Throws KhactlError `cli.confirm` for another name given, `cli.no-terminal` where nobody can type it. */
export const confirmName = async (question: string, of: Confirmation): Promise<Reply> => {
  const { io, signal, name, given } = of
  if (given === name) return 'yes'
  if (given !== null)
    throw new KhactlError('cli.confirm', {
      message: `--confirm says ${given}, the inventory's cluster is ${name}`,
      exit: 'usage',
      hint: 'Nothing was changed. Give the name of the cluster that is meant, and its inventory.',
    })
  return ask(`${question} Type the cluster's name to go on:`, {
    ...{ io, signal, word: name, instead: `--confirm ${name}` },
  })
}
