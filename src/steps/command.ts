// A script of people's own, run only while the file that it creates is missing or its test does not hold.
import { createHash } from 'node:crypto'
import { fileState } from '../facts/file.js'
import { testHolds } from '../facts/test-holds.js'
import { map, see, type Look } from '../model/look.js'
import type { Ms } from '../model/session.js'
import { step, type Change, type Step } from '../model/step.js'
import { raw } from '../text/sh.js'
import { transient } from './transient.js'

type Needless =
  | { readonly by: 'file'; readonly path: string }
  /** `anything`: it may change the host, so a plan does not run it. */
  | { readonly by: 'test'; readonly script: string; readonly is: 'read-only' | 'anything' }

export interface CommandWanted {
  readonly run: string
  /** When there is nothing to do. */
  readonly needless: Needless
  readonly within: Ms
}

/** Id `command:SCRIPT`. After it ran, the file must be there or the test must hold. */
export const command = ({ run, needless, within }: CommandWanted): Step => {
  const name = firstLine(run)
  const asked = needless.by === 'test' && needless.is === 'anything' ? `the test \`${needless.script}\`` : null
  return {
    ...step<'needed' | 'needless'>({
      id: `command:${run}`,
      title: `Run ${name}`,
      look: lookOf(needless),
      diff: (have) => (have === 'needless' ? [] : [changeOf(name, needless)]),
      apply: ({ self }) =>
        transient(self, {
          name: `command-${createHash('sha256').update(run).digest('hex').slice(0, 12)}`,
          command: raw(run),
          within,
        }),
    }),
    ...(asked === null ? {} : { knownBy: asked }),
  }
}

const lookOf = (needless: Needless): Look<'needed' | 'needless'> =>
  needless.by === 'file'
    ? map(see(fileState(needless.path)), ({ kind }) => (kind === 'absent' ? 'needed' : 'needless'))
    : map(see(testHolds(needless.script)), (holds) => (holds ? 'needless' : 'needed'))

const changeOf = (name: string, needless: Needless): Change =>
  needless.by === 'file'
    ? { path: needless.path, from: null, to: `made by ${name}`, impact: 'none' }
    : { path: `command ${name}`, from: `\`${needless.script}\` does not hold`, to: 'run', impact: 'none' }

const firstLine = (script: string): string => {
  const [first = '', ...rest] = script.trim().split('\n')
  return rest.length === 0 ? first : `${first} …`
}
