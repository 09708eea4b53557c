// Looks for a program that a test can use to check a rendered file; such tests are skipped where it is not installed.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { basename, delimiter, join } from 'node:path'
import { afterAll } from 'vitest'
import type { Place } from '../../src/templates/rendered.js'

/** Path of the program, in PATH or where administrators' programs are; null: not installed. */
export const tool = (name: string): string | null => {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin']
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file)) ?? null
}

export interface Outcome {
  readonly status: number | null
  readonly output: string
}

export const runTool = (file: string, args: readonly string[]): Outcome => {
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', timeout: 15_000 })
  return { status, output: `${stdout}${stderr}` }
}

let folder: string | null = null
afterAll(() => {
  if (folder !== null) rmSync(folder, { recursive: true })
})

/** A file of this name and mode, never the same as another's: one that still runs must not change. Removed at the end. */
export const temporary = ({ path, mode }: Place, text: string): string => {
  folder ??= mkdtempSync(join(tmpdir(), 'khactl-templates-'))
  const file = join(mkdtempSync(join(folder, 'file-')), basename(path))
  writeFileSync(file, text, { mode })
  return file
}

/** haproxy.cfg for this machine, which may lack the package's user. */
export const runnable = (text: string): string => {
  if (/^haproxy:/m.test(readFileSync('/etc/passwd', 'utf8'))) return text
  const { username } = userInfo()
  return text.replace('user haproxy', `user ${username}`).replace('group haproxy', `group ${username}`)
}
