// The known_hosts file: read, and appended to once a host, also when several runs do it at a time.
import { mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import {
  hostField,
  judge,
  keyType,
  parseKnownHosts,
  type Address,
  type KnownHosts,
  type Verdict,
} from './known-hosts.js'

export interface KnownHostsFile {
  /** As the file is now; it is parsed only when it changed. */
  read(): Promise<KnownHosts>
  /** Records the key unless the file says something about the host by now; the verdict is that of the file as it was then. */
  record(host: Address, key: Buffer): Promise<Verdict>
}

/** A lock older than this was left by a run that died. */
const staleAfter = 10_000
const lockWithin = 15_000

export const openKnownHosts = (path: string): KnownHostsFile => {
  let tail: Promise<unknown> = Promise.resolve()
  const text = async (): Promise<string> => {
    try {
      return await readFile(path, 'utf8')
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return ''
      throw error
    }
  }
  let parsed: { readonly version: string; readonly known: Promise<KnownHosts> } | null = null
  let asked: Promise<string> | null = null
  const read = async (): Promise<KnownHosts> => {
    // All who read in one moment ask once.
    asked ??= versionOf(path).finally(() => (asked = null))
    const version = await asked
    // The text is not older than the version that was asked for.
    if (parsed?.version !== version) parsed = { version, known: text().then(parseKnownHosts) }
    return parsed.known
  }
  const append = async (host: Address, key: Buffer): Promise<Verdict> => {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    return locked(`${path}.khactl-lock`, async () => {
      const before = await text()
      const verdict = judge(parseKnownHosts(before), { host, key })
      if (verdict.kind !== 'new') return verdict
      const line = `${hostField(host)} ${keyType(key)} ${key.toString('base64')}\n`
      const file = await open(path, 'a', 0o600)
      try {
        await file.appendFile(before === '' || before.endsWith('\n') ? line : `\n${line}`)
      } finally {
        await file.close()
      }
      return verdict
    })
  }
  return {
    read,
    record: (host, key) => {
      const turn = tail.then(() => append(host, key))
      tail = turn.catch(() => undefined)
      return turn
    },
  }
}

const versionOf = async (path: string): Promise<string> => {
  try {
    const { mtimeNs, ctimeNs, size, ino } = await stat(path, { bigint: true })
    return [mtimeNs, ctimeNs, size, ino].join(' ')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 'absent'
    throw error
  }
}

const locked = async <T>(lock: string, work: () => Promise<T>): Promise<T> => {
  const until = Date.now() + lockWithin
  for (;;) {
    try {
      await (await open(lock, 'wx', 0o600)).close()
      break
    } catch (error) {
      if (!hasCode(error, 'EEXIST') || Date.now() > until) throw error
      const age = await stat(lock).then(
        (found) => Date.now() - found.mtimeMs,
        () => 0,
      )
      if (age > staleAfter) await rm(lock, { force: true })
      else await wait(20 + Math.random() * 30)
    }
  }
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && (error as NodeJS.ErrnoException).code === code
