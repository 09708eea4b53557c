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
 * Whether a running unit must be restarted or reloaded for this file. khactl's stamp tells what the process was given; it
 * holds until somebody else restarts or (for a file that asks for a reload) reloads the unit. Without one the content must be
 * the wanted one, and not changed since: a ctime later than the process's start or reload, in whole seconds.
 */
export const isStale = (read: UnitRead, have: { readonly unit: UnitState; readonly file: FileState }): boolean => {
  const { unit, file } = have
  const stamped = stampOf(read, unit)
  if (stamped !== undefined) return stamped !== read.sha256
  const readAt = (read.onChange === 'reload' ? unit.reloadedAt : null) ?? unit.startedAt
  return file.sha256 !== read.sha256 || (readAt !== null && file.ctime > readAt)
}

const stampOf = ({ path, onChange }: UnitRead, { stamp, invocation, stateChange }: UnitState): string | undefined => {
  if (stamp?.invocation !== invocation) return undefined
  return onChange === 'reload' && stamp.stateChange !== stateChange ? undefined : stamp.reads[path]
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
  { echo "$(systemctl show -p InvocationID --value ${unitName(name)})" \
    "$(systemctl show -p StateChangeTimestampMonotonic --value ${unitName(name)})"; echo "$stamp"; } >"$f.part" && mv -f "$f.part" "$f")`,
  }
}
