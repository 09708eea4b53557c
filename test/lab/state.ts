// What is written down about a lab that runs.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Paths } from './paths.js'
import type { Host, System } from './profiles.js'

export interface LabState {
  readonly profile: string
  readonly system: System
  readonly nameless: boolean
  /** hosts of the profile and those booted later */
  readonly hosts: readonly Host[]
}

const file = (paths: Paths): string => join(paths.state, 'lab.json')

export function readState(paths: Paths): LabState | undefined {
  try {
    return JSON.parse(readFileSync(file(paths), 'utf8')) as LabState
  } catch {
    return undefined
  }
}

export function requireState(paths: Paths): LabState {
  const state = readState(paths)
  if (state === undefined) throw new Error(`no lab "${paths.lab}" runs; bring it up with: npm run lab -- up`)
  return state
}

export function writeState(paths: Paths, state: LabState): void {
  mkdirSync(paths.state, { recursive: true })
  writeFileSync(`${file(paths)}.part`, `${JSON.stringify(state, null, 2)}\n`)
  renameSync(`${file(paths)}.part`, file(paths))
}
