// The edited inventory takes the place of the file at once, unless somebody changed the file in the meantime.
import { randomBytes } from 'node:crypto'
import { chmod, chown, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, basename } from 'node:path'
import { KhactlError } from '../model/error.js'

export interface Written {
  /** The file's text as it was read, or its bytes. */
  readonly expected: string | Uint8Array
  readonly text: string
}

/** Follows a link to its target; keeps mode and owner. Throws KhactlError `inventory.changed` or `inventory.unwritable`. */
export const writeInventory = async (file: string, { expected, text }: Written): Promise<void> => {
  const target = await realpath(file).catch((error: NodeJS.ErrnoException) => error)
  if (target instanceof Error) throw unwritable(file, target)
  await refuseChanged(file, { target, expected })
  const { mode, uid, gid } = await stat(target)
  // A rename would replace a file that nobody may write; its mode says that this is not wanted.
  if ((mode & 0o222) === 0) throw readOnly(file)
  const beside = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.khactl`)
  try {
    await writeThrough(beside, text)
    await chown(beside, uid, gid).catch(async (error: NodeJS.ErrnoException) => {
      const made = await stat(beside)
      if (made.uid !== uid || made.gid !== gid) throw error
    })
    await chmod(beside, mode & 0o7777)
    await refuseChanged(file, { target, expected })
    await rename(beside, target)
    await sync(dirname(target))
  } catch (error) {
    await rm(beside, { force: true })
    throw error instanceof KhactlError ? error : unwritable(file, error as NodeJS.ErrnoException)
  }
}

const refuseChanged = async (
  file: string,
  { target, expected }: { readonly target: string; readonly expected: string | Uint8Array },
): Promise<void> => {
  const found = await readFile(target).catch((error: NodeJS.ErrnoException) => error)
  if (found instanceof Error) throw unwritable(file, found)
  if (found.equals(typeof expected === 'string' ? Buffer.from(expected) : expected)) return
  throw new KhactlError('inventory.changed', {
    message: `${file} was changed while khactl worked with it; it was not written over`,
    exit: 'refused',
    hint: 'Look at the change and run the command again.',
  })
}

const writeThrough = async (path: string, text: string): Promise<void> => {
  // For nobody else until it has the mode of the file that it replaces.
  const handle = await open(path, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Some file systems cannot sync a folder; the rename stands there all the same. */
const sync = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r').catch(() => null)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}

const readOnly = (file: string): KhactlError =>
  new KhactlError('inventory.unwritable', {
    message: `${file} is read-only, so the change cannot be written into it`,
    exit: 'usage',
    hint: `chmod u+w ${file}, or use --no-write and edit the inventory yourself.`,
  })

const unwritable = (file: string, error: NodeJS.ErrnoException): KhactlError =>
  new KhactlError('inventory.unwritable', {
    message: `${file} cannot be written: ${reasons[error.code ?? ''] ?? error.message}`,
    exit: 'usage',
    hint: 'khactl writes a new file beside the old one and renames it: file and folder have to be yours to write. Or use --no-write and edit the inventory yourself.',
    cause: error,
  })

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'the owner cannot be kept, or the file may not be changed',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left',
  EDQUOT: 'the quota is used up',
  ENOENT: 'there is no such file',
}
