// A playbook: one that ships with khactl, or people's own, whose files are read from the folder that it lies in.
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { KhactlError } from '../model/error.js'
import type { Playbook, TaskUse } from '../model/playbook.js'
import { loadPlaybook } from '../playbook/load.js'
import { genericTasks, registry } from '../tasks/registry.js'

export interface OwnPlaybook {
  /** Absolute path. */
  readonly file: string
  /** As the operator named it. */
  readonly shown: string
}

/** Throws KhactlError `playbook.invalid` or `playbook.file`. */
export const readPlaybook = async (of: string | OwnPlaybook): Promise<Playbook> => {
  if (typeof of === 'string') {
    const file = resolve(import.meta.dirname, '../../playbooks', `${of}.yaml`)
    return loadPlaybook({ file: join('playbooks', `${of}.yaml`), text: await readFile(file, 'utf8') }, registry)
  }
  const text = (await bytesOf(of.file, of.shown)).toString('utf8')
  const { name, stages } = loadPlaybook({ file: of.shown, text }, genericTasks)
  const folder = dirname(of.file)
  return {
    name,
    membership: 'ignored',
    stages: await Promise.all(
      stages.map(async (stage) => ({
        ...stage,
        tasks: await Promise.all(stage.tasks.map((use) => withFiles(use, folder))),
      })),
    ),
  }
}

/** Arguments that name files on this machine become what is in them. */
const withFiles = async (use: TaskUse, folder: string): Promise<TaskUse> => {
  const takes = genericTasks.get(use.name)?.takes
  if (typeof use.args !== 'object' || use.args === null || takes === undefined) return use
  const kinds = { ...takes.required, ...takes.optional }
  const read = Object.entries(use.args).map(async ([key, value]): Promise<readonly [string, unknown]> => {
    if (kinds[key] !== 'file') return [key, value]
    const path = String(value)
    return [key, await bytesOf(resolve(folder, path), path)]
  })
  return { ...use, args: Object.fromEntries(await Promise.all(read)) }
}

const bytesOf = async (file: string, shown: string): Promise<Buffer> => {
  try {
    return await readFile(file)
  } catch (cause) {
    throw new KhactlError('playbook.file', {
      message: `${shown} cannot be read`,
      exit: 'usage',
      hint: 'A source is named from the folder of the playbook.',
      cause,
    })
  }
}
