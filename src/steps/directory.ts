// A folder with its mode and owner; the folder above it must exist, so that a plan names every folder that is made.
import { fileState, type FileState } from '../facts/file.js'
import type { StepId } from '../model/fact.js'
import { see } from '../model/look.js'
import { changed, step, type Step } from '../model/step.js'
import { sh } from '../text/sh.js'
import { octal } from './put.js'

export interface DirectoryWanted {
  readonly path: string
  /** Permission bits: `0o755`. */
  readonly mode: number
  /** `user:group`; default `root:root`. */
  readonly owner?: string
  readonly after?: readonly StepId[]
  readonly title?: string
}

/** Id `directory:PATH`. */
export const directory = ({ path, mode, owner = 'root:root', ...rest }: DirectoryWanted): Step =>
  step<FileState>({
    id: `directory:${path}`,
    title: rest.title ?? `Make the folder ${path}`,
    after: rest.after ?? [],
    look: see(fileState(path)),
    diff: (have) => {
      const there = have.kind === 'directory'
      return [
        ...changed({ path, from: have.kind === 'absent' ? null : have.kind, to: 'directory' }),
        ...changed({ path: `${path} mode`, from: there ? octal(have.mode) : null, to: octal(mode) }),
        ...(there || owner !== 'root:root'
          ? changed({ path: `${path} owner`, from: there ? have.owner : null, to: owner })
          : []),
      ]
    },
    apply: ({ self }) =>
      self.run(sh`set -e; p=${path}
[ -d "$p" ] && [ ! -L "$p" ] || mkdir -m 0700 -- "$p"
chown ${owner} "$p"; chmod ${octal(mode)} "$p"`),
  })
