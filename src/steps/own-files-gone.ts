// Takes away the files that khactl wrote, and the folders that hold nothing else; what others put there stays.
import { fileState } from '../facts/file.js'
import { folderEntries, type FolderEntries } from '../facts/folder-entries.js'
import { placedFiles, type PlacedFile } from '../facts/own-files.js'
import type { StepId } from '../model/fact.js'
import { all, always, each, map, see, type Look } from '../model/look.js'
import { step, type Change, type Step } from '../model/step.js'
import { sh } from '../text/sh.js'

/** Where khactl writes a file, and by what it is known for khactl's. */
export interface OwnPlace {
  /** A pattern of the shell: `/etc/apt/sources.list.d/khactl-*.sources`. */
  readonly pattern: string
  /**
   * `line`: its first lines say so. `name`: nobody else gives a file this name. `beside`: a file of this name in the same
   * folder says so. `sha256`: it is byte for byte what khactl writes.
   */
  readonly by:
    | { readonly sign: 'line' | 'name' }
    | { readonly sign: 'beside'; readonly name: string }
    | { readonly sign: 'content'; readonly sha256: readonly string[] }
}

export interface OwnFilesGone {
  readonly id: StepId
  readonly title: string
  readonly places: readonly OwnPlace[]
  /** Patterns of folders that khactl makes; they go when nothing is left in them. Inner ones first. */
  readonly folders: readonly string[]
}

export interface OwnFilesHave {
  /** In the order in which they go. */
  readonly ours: readonly string[]
  /** At khactl's places, but not its own. */
  readonly others: readonly string[]
  readonly folders: readonly string[]
}

/** Files that prove others to be khactl's go last, so that a removal that dies half-way is gone on with. */
export const ownFilesLook = ({ places, folders }: Pick<OwnFilesGone, 'places' | 'folders'>): Look<OwnFilesHave> =>
  map(
    all({
      found: each(places.map((place) => foundAt(place))),
      folders: each(folders.map((pattern) => see(folderEntries(pattern)))),
    }),
    ({ found, folders: entries }) => {
      const flat = found.flat()
      const proven = new Set(flat.filter(({ line }) => line === 'ours').map(({ path }) => path))
      const isOurs = ({ path, line, by, sha256 }: Found): boolean => {
        if (by.sign === 'name') return true
        if (by.sign === 'beside') return proven.has(`${path.slice(0, path.lastIndexOf('/'))}/${by.name}`)
        return by.sign === 'content' ? sha256 !== null && by.sha256.includes(sha256) : line === 'ours'
      }
      const ours = flat.filter(isOurs)
      const leaning = ours.filter(({ by }) => by.sign === 'beside').map(({ path }) => path)
      const gone = [...leaning, ...ours.map(({ path }) => path).filter((path) => !leaning.includes(path))]
      return {
        ours: gone,
        others: flat.filter((one) => one.by.sign !== 'beside' && !isOurs(one)).map(({ path }) => path),
        folders: emptied(entries.flat(), gone),
      }
    },
  )

type Found = PlacedFile & { readonly by: OwnPlace['by']; readonly sha256: string | null }

const foundAt = ({ pattern, by }: OwnPlace): Look<readonly Found[]> =>
  map(
    all({
      files: see(placedFiles(pattern)),
      sha256: by.sign === 'content' ? map(see(fileState(pattern)), (state) => state.sha256) : always(null),
    }),
    ({ files, sha256 }) => files.map((one) => ({ ...one, by, sha256 })),
  )

/** Those that hold nothing but what goes with them. */
const emptied = (folders: readonly FolderEntries[], files: readonly string[]): readonly string[] => {
  const gone = new Set(files)
  const result: string[] = []
  for (const { path, entries } of folders.toSorted((left, right) => right.path.length - left.path.length)) {
    if (!entries.every((name) => gone.has(`${path}/${name}`))) continue
    gone.add(path)
    result.push(path)
  }
  return result
}

export const ownFilesGone = ({ id, title, places, folders }: OwnFilesGone): Step =>
  step<OwnFilesHave>({
    id,
    title,
    look: ownFilesLook({ places, folders }),
    diff: (have) => [...have.ours.map(gone('file')), ...have.folders.map(gone('directory'))],
    // In the order of the list; rmdir leaves a folder in which something appeared meanwhile.
    apply: ({ self }, { ours, folders: empty }) =>
      self.run(sh`set -e
for p in ${ours}; do rm -f -- "$p"; done
for d in ${empty}; do rmdir -- "$d"; done
! systemctl list-units --state=loaded >/dev/null 2>&1 || systemctl daemon-reload`),
  })

const gone =
  (kind: 'file' | 'directory') =>
  (path: string): Change => ({ path, from: kind, to: null, impact: 'none' })
