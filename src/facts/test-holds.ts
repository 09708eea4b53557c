// Whether a test of the operator's own holds: a script that ends with 0. Its output is of no interest.
import { fact, known, unreadable, type Fact, type Kind } from '../model/fact.js'
import { join, sh } from '../text/sh.js'
import { readOnly } from './mint.js'

const kind: Kind<string, boolean> = {
  name: 'test',
  stays: 'host',
  cost: 'cheap',
  within: 60_000,
  // The operator vouches for it, or it is asked only where changes may be made (Step.knownBy).
  ask: (scripts) =>
    readOnly(
      join(
        scripts.map((script) => sh`sh -c ${script} >/dev/null 2>&1 </dev/null; echo $?`),
        '\n',
      ),
    ),
  tell: ({ stdout }, scripts) => {
    const lines = stdout.toString('latin1').split('\n')
    return scripts.map((script, index) => {
      const status = lines[index]
      return /^\d+$/.test(status ?? '') ? known(status === '0') : unreadable(`the test \`${script}\` did not end`)
    })
  },
}

export const testHolds = (script: string): Fact<boolean> => fact(kind, script)
