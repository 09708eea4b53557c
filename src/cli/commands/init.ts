// khactl init: a starting inventory from flags, never over a file that is there.
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { startingInventory, type StartFlags } from '../../inventory/start.js'
import { exitCodes, KhactlError } from '../../model/error.js'
import type { Io } from '../io.js'

export interface InitOptions {
  /** `-`: standard output. */
  readonly inventory: string
  readonly flags: StartFlags
}

export const init = async ({ inventory: file, flags }: InitOptions, io: Io): Promise<number> => {
  const text = startingInventory(flags)
  if (file === '-') {
    io.stdout.write(text)
    return exitCodes.ok
  }
  try {
    await writeFile(resolve(io.cwd, file), text, { flag: 'wx' })
  } catch (error) {
    throw refused(file, error)
  }
  const name = file === 'inventory.yaml' ? '' : ` ${file}`
  io.stdout.write(`Wrote ${file}: look through it, then\n  khactl validate${name}\n  khactl plan${name}\n`)
  return exitCodes.ok
}

const refused = (file: string, cause: unknown): KhactlError => {
  const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
  return new KhactlError('init.file', {
    message: exists ? `${file} is there already; khactl does not write over it` : `${file} cannot be written`,
    exit: 'usage',
    hint: exists ? 'Name another file, or - for standard output.' : 'Name a file in a folder that you may write to.',
    ...(exists ? {} : { cause }),
  })
}
