// A restart is state, not a notification: which content a running unit was started with, and whether that is the wanted one.
import type { FileState } from '../facts/file.js'
import { stampFolder, unitName, type UnitState } from '../facts/unit.js'
import type { Command } from '../model/command.js'
import { sh } from '../text/sh.js'

/** A file the unit reads when it starts, as it is wanted: the plan knows of the restart before the file is written. */
export interface UnitRead {
  readonly path: string
  /** Of the wanted content, lower-case hexadecimal (`contentHash`). */
  readonly sha256: string
  /** Where this file wants another treatment than the unit's others: a drop-in needs a restart, its configuration a reload. */
  readonly onChange?: 'restart' | 'reload'
}

/**
 * Whether a running unit must be restarted or reloaded for this file: its content is not the wanted one, or was not when
 * the process started. khactl's stamp tells the latter; without one, a ctime later than the process start, in whole seconds.
 */
export const isStale = (read: UnitRead, have: { readonly unit: UnitState; readonly file: FileState }): boolean => {
  const { unit, file } = have
  if (file.sha256 !== read.sha256) return true
  const stamped = unit.stamp?.invocation === unit.invocation ? unit.stamp.reads[read.path] : undefined
  if (stamped !== undefined) return stamped !== read.sha256
  return unit.startedAt !== null && file.ctime > unit.startedAt
}

/**
 * Two parts of a script: `take` remembers the hashes of the files before the unit is (re)started or reloaded, `leave` writes
 * them down with the new InvocationID. What lies on the disk is stamped, not what was wanted: a crash in between heals.
 */
export const stamping = (
  name: string,
  paths: readonly string[],
): { readonly take: Command; readonly leave: Command } => {
  if (paths.length === 0) return { take: sh`:`, leave: sh`:` }
  return {
    take: sh`stamp=$(sha256sum -- ${paths}) || exit 1`,
    leave: sh`(umask 077; mkdir -p ${stampFolder} && f=${`${stampFolder}/${unitName(name)}`} &&
  { systemctl show -p InvocationID --value ${unitName(name)}; echo "$stamp"; } >"$f.part" && mv -f "$f.part" "$f")`,
  }
}
