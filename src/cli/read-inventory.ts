// The inventory file of the command line, read; its diagnostics name the file as the operator did.
import { resolve } from 'node:path'
import { loadInventory, type Loaded } from '../inventory/load.js'
import { cacheFolder } from './folders.js'
import type { Io } from './io.js'

/** `text`: in place of the file's. */
export const readInventory = async (
  file: string,
  io: Pick<Io, 'cwd' | 'env' | 'home'>,
  text?: string,
): Promise<Loaded> => {
  const path = resolve(io.cwd, file)
  const loaded = await loadInventory({ file: path, text, env: io.env, home: io.home, cacheDir: cacheFolder(io) })
  const diagnostics = loaded.diagnostics.map((one) => (one.file === path ? { ...one, file } : one))
  return { ...loaded, diagnostics }
}
