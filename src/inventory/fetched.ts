// Files of the internet (network plugin manifests, repository keys): fetched once, kept in the cache folder under their URL.
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Surroundings } from './surroundings.js'

export type Fetched = { readonly file: string; readonly bytes: Uint8Array } | { readonly why: string }

/** Milliseconds for one file. */
const patience = 30_000

export const fetchCached = async ({ cacheDir, fetch: get = fetch }: Surroundings, url: string): Promise<Fetched> => {
  const file = join(cacheDir, cacheName(url))
  const cached = await readFile(file).catch(() => null)
  if (cached !== null && cached.length > 0) return { file, bytes: cached }
  try {
    const response = await get(url, { signal: AbortSignal.timeout(patience), redirect: 'follow' })
    if (!response.ok) return { why: `the server answered ${response.status}` }
    const bytes = new Uint8Array(await response.arrayBuffer())
    if (bytes.length === 0) return { why: 'the server sent nothing' }
    await mkdir(cacheDir, { recursive: true })
    const part = `${file}.${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}.part`
    await writeFile(part, bytes)
    await rename(part, file)
    return { file, bytes }
  } catch (error) {
    return { why: reasonOf(error) }
  }
}

/** Readable, and different for every URL. */
const cacheName = (url: string): string => {
  const tail = url
    .replace(/^https?:\/\//, '')
    .replace(/[^A-Za-z0-9.]+/g, '-')
    .slice(-80)
  return `${createHash('sha256').update(url).digest('hex').slice(0, 12)}-${tail}`
}

/** node's fetch says `fetch failed` and keeps the reason in the cause. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `no answer within ${patience / 1000} s`
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message
}
