// Takes away what services kept in their folders: only entries by their names, and the folder when nothing else is in it.
import { folderEntries } from '../facts/folder-entries.js'
import type { StepId } from '../model/fact.js'
import { each, map, see } from '../model/look.js'
import { step, type Change, type Step } from '../model/step.js'
import { join, raw, sh } from '../text/sh.js'

export interface DataFolder {
  readonly path: string
  /** What lies in it of the service's; the rest is somebody's. */
  readonly isData: (entry: string) => boolean
  /** As a person knows it: `images and containers`. */
  readonly of: string
}

export interface DataGone {
  readonly id: StepId
  readonly title: string
  readonly folders: readonly DataFolder[]
}

interface Have {
  readonly folder: DataFolder
  readonly data: readonly string[]
}

/** Nothing is deleted through a mount: a folder with one below it is refused. */
export const dataGone = ({ id, title, folders }: DataGone): Step =>
  step<readonly Have[]>({
    id,
    title,
    look: each(
      folders.map((folder) =>
        map(see(folderEntries(folder.path)), ([found]): Have => ({
          folder,
          data: (found?.entries ?? []).filter(folder.isData),
        })),
      ),
    ),
    diff: (have) => have.flatMap(changeOf),
    apply: ({ self }, have) =>
      self.run(join([raw('set -e'), ...have.filter(({ data }) => data.length > 0).map((one) => removal(one))], '\n'), {
        within: 600_000,
      }),
  })

const changeOf = ({ folder, data }: Have): readonly Change[] =>
  data.length === 0 ? [] : [{ path: folder.path, from: folder.of, to: null, impact: 'none' }]

const removal = ({ folder: { path }, data }: Have) => sh`d=${path}
! awk -v d="$d/" 'index($2, d) == 1 { f = 1 } END { exit !f }' /proc/mounts || { echo "something is mounted below $d" >&2; exit 1; }
for e in ${data}; do rm -rf --one-file-system -- "$d/$e"; done
rmdir -- "$d" 2>/dev/null || true`
