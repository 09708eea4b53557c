// A whole file of ours: content, mode and owner, put in place by rename so that nobody ever reads half of it.
import { createHash } from 'node:crypto'
import { fileState, type FileState } from '../facts/file.js'
import { isSecret, type Secret } from '../model/command.js'
import type { StepId } from '../model/fact.js'
import { always, map, see, type Look } from '../model/look.js'
import { changed, step, type Change, type Impact, type Step } from '../model/step.js'
import { sh } from '../text/sh.js'
import { octal, put } from './put.js'

/** Text, or text with secrets in it; the latter is compared by hash and never shown or fetched. */
export type Content = string | readonly (string | Secret)[]

export interface FileWanted {
  readonly path: string
  readonly content: Content | Uint8Array
  /** Permission bits: `0o644`. */
  readonly mode: number
  /** `user:group`; default `root:root`. */
  readonly owner?: string
  /** `differs` instead of a diff. Content with a Secret in it is secret anyway. */
  readonly secret?: boolean
  readonly impact?: Impact
  readonly after?: readonly StepId[]
  readonly title?: string
}

export interface FileHave {
  readonly state: FileState
  /** The present text, where a diff of it will be shown. */
  readonly text: string | null
}

/** Id `file:PATH`. The folder must exist: list a `directory` step before it. */
export const file = (wanted: FileWanted): Step => {
  const { path, mode, owner = 'root:root', impact = 'none' } = wanted
  const bytes = contentBytes(wanted.content)
  const sha256 = sha256Of(bytes)
  const secret = wanted.secret === true || isSecretContent(wanted.content)
  const shows = !secret && !bytes.includes(0)
  return step<FileHave>({
    id: `file:${path}`,
    title: wanted.title ?? `Write ${path}`,
    after: wanted.after ?? [],
    look: fileLook({ path, sha256, shows }),
    diff: ({ state, text }) => [
      ...contentChange({ path, state, text, sha256, secret, impact, wanted: shows ? bytes.toString('utf8') : null }),
      ...changed({ path: `${path} mode`, from: presentMode(state), to: octal(mode), impact: 'none' }),
      ...ownerChange({ path, state, owner }),
    ],
    apply: async ({ self }, { state }) => {
      if (state.kind !== 'file' || state.sha256 !== sha256) await put(self, { path, bytes, mode, owner })
      else await self.run(sh`chown ${owner} ${path} && chmod ${octal(mode)} ${path}`)
    },
  })
}

/** Of the wanted content: what a unit that reads the file is told (`reads`). */
export const contentHash = (content: Content | Uint8Array): string => sha256Of(contentBytes(content))

/** For a file whose wanted content depends on what is seen: the text in a request of its own, if there is one to be shown. */
export const withText = (state: FileState, of: ShownFile): Look<FileHave> =>
  of.shows && state.kind === 'file' && state.sha256 !== of.sha256 ? fileLook(of) : always({ state, text: null })

/** The text comes along where it differs and is to be shown. */
const fileLook = ({ path, sha256, shows }: ShownFile): Look<FileHave> =>
  map(see(fileState(path, { textUnless: shows ? sha256 : null })), (state) => ({ state, text: state.text ?? null }))

interface ShownFile {
  readonly path: string
  readonly sha256: string
  readonly shows: boolean
}

export const contentChange = (of: {
  readonly path: string
  readonly state: FileState
  readonly text: string | null
  readonly wanted: string | null
  readonly sha256: string
  readonly secret: boolean
  readonly impact: Impact
}): readonly Change[] => {
  const { path, state, impact } = of
  if (state.kind === 'file' && state.sha256 === of.sha256) return []
  const before = state.kind === 'file' ? named(state.sha256 ?? '') : state.kind
  const from = state.kind === 'absent' ? null : before
  // The hash of a short secret would give it away.
  if (of.secret) return [{ path, from: from === null ? null : 'differs', to: 'as wanted', secret: true, impact }]
  const change: Change = { path, from, to: named(of.sha256), impact }
  return [of.wanted === null ? change : { ...change, text: { from: of.text ?? '', to: of.wanted } }]
}

const named = (sha256: string): string => `sha256:${sha256.slice(0, 12)}`

export const presentMode = (state: FileState): string | null => (state.kind === 'file' ? octal(state.mode) : null)

/** A new file's owner is said only where it is not root. */
export const ownerChange = (of: { readonly path: string; readonly state: FileState; readonly owner: string }) => {
  const from = of.state.kind === 'file' ? of.state.owner : null
  if (from === null && of.owner === 'root:root') return []
  return changed({ path: `${of.path} owner`, from, to: of.owner })
}

const isSecretContent = (content: Content | Uint8Array): boolean =>
  Array.isArray(content) && (content as readonly unknown[]).some(isSecret)

const contentBytes = (content: Content | Uint8Array): Buffer => {
  if (typeof content === 'string') return Buffer.from(content)
  if (content instanceof Uint8Array) return Buffer.from(content)
  return Buffer.from(content.map((part) => (typeof part === 'string' ? part : part.reveal())).join(''))
}

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
