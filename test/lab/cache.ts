// Pieces that are made once and kept: each in a folder whose name says what went into it.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { locked } from './lock.js'
import { cacheRoot } from './paths.js'
import { stage } from './progress.js'

export interface Piece {
  readonly kind: string
  /** everything the result depends on; another value makes another folder */
  readonly key: string
  readonly title: string
  readonly expectedSeconds: number
}

export const digest = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 12)

/** Folder of the piece, made now if it is missing. Half-made ones are never taken: they end in .part. */
export async function piece(it: Piece, make: (into: string) => Promise<void>): Promise<string> {
  const final = join(cacheRoot, `${it.kind}-${it.key}`)
  if (existsSync(final)) return final
  return locked(join(cacheRoot, `${it.kind}.lock`), 3600, async () => {
    if (existsSync(final)) return final
    const part = `${final}.part`
    rmSync(part, { recursive: true, force: true })
    mkdirSync(part, { recursive: true })
    await stage(it.title, it.expectedSeconds, () => make(part))
    renameSync(part, final)
    return final
  })
}
