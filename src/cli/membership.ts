// What add, remove and replace share: the inventory edited first in memory, then, once agreed to, in the file; then the walk.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { editInventory, type Edit } from '../inventory/edit.js'
import { KhactlError } from '../model/error.js'
import type { HostName } from '../model/host.js'
import type { Wishes } from '../model/playbook.js'
import { planThenApply } from './apply.js'
import type { Reply } from './ask.js'
import type { Io } from './io.js'
import type { RunOptions } from './options.js'
import { withRun, type Run, type ShippedPlaybook } from './run.js'
import { writeInventory } from './write-inventory.js'

export interface Membership {
  readonly options: RunOptions
  readonly io: Io
  readonly playbook: ShippedPlaybook
  readonly edits: (text: string) => readonly Edit[]
  /** Who is meant, old and new; nobody else but masters and haproxy hosts is spoken to. */
  readonly named: (text: string) => readonly string[]
  readonly wishes?: Partial<Pick<Wishes, 'remove' | 'drain' | 'quorum'>>
  /** Default: yes or no, unless --yes was given. */
  readonly consent?: (run: Run) => Promise<Reply>
  /** `leave`: the file stays as it is (--no-write); `told` says what that means. */
  readonly file: { readonly manner: 'write' } | { readonly manner: 'leave'; readonly told: string }
}

/** The exit code of the program. Throws KhactlError `inventory.edit` for a host that is not there, or is another one. */
export const changeMembership = async (of: Membership): Promise<number> => {
  const { options, io, playbook, file } = of
  const path = resolve(io.cwd, options.inventory)
  const before = await textOf(path, options.inventory)
  const text = editInventory(before, of.edits(before))
  const wishes = { ...of.wishes, named: of.named(text) as readonly HostName[] }
  return withRun({ options, io, playbook, wishes, text }, async (run) => {
    if (file.manner === 'leave') io.stderr.write(`${file.told}\n`)
    else await showEdit({ from: before, to: text }, of)
    return planThenApply(run, {
      io,
      ...(of.consent && { consent: () => of.consent?.(run) ?? Promise.resolve('no') }),
      ...(text !== before &&
        file.manner === 'write' && { first: () => writeInventory(path, { expected: before, text }) }),
    })
  })
}

/** The first thing that will change, as the plan shows files. A plan's JSON is one document, and speaks of hosts. */
const showEdit = async (text: { readonly from: string; readonly to: string }, { options, io }: Membership) => {
  if (text.from === text.to || options.output === 'json') return
  const { lineDiff } = await import('../text/line-diff.js')
  const hunks = lineDiff(text) ?? []
  const lines = hunks.flatMap(({ line, lines: all }) => [`@@ line ${line} @@`, ...all])
  io.stdout.write(
    `${['inventory', `  ~ ${options.inventory}`, ...lines.map((line) => `      ${line}`)].join('\n')}\n\n`,
  )
}

const textOf = async (path: string, shown: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new KhactlError('inventory.unreadable', {
      message: `${shown} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      exit: 'usage',
      hint: 'Name the inventory with --inventory FILE, or write a first one with khactl init.',
    })
  }
}
