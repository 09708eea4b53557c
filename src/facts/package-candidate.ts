// The version that the host's package lists offer, as far as they lie on the host: nothing is downloaded for the question.
import { fact, known, type Fact, type Kind } from '../model/fact.js'
import { raw, sh } from '../text/sh.js'
import { familyScript } from './os.js'
import { readOnly } from './mint.js'

const kind: Kind<string, string | null> = {
  name: 'package candidate',
  stays: 'host',
  cost: 'cheap',
  within: 20_000,
  ask: (names) =>
    readOnly(sh`${raw(familyScript)}
for p in ${names}; do
  v=
  [ "$family" != debian ] || v=$(apt-cache -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= policy -- "$p" 2>/dev/null | sed -n 's/^  Candidate: //p')
  echo "$v"
done`),
  tell: ({ stdout }, names) => {
    const lines = stdout.toString('utf8').split('\n')
    return names.map((_, index) => {
      const version = lines[index] ?? ''
      return known(version === '' || version === '(none)' ? null : version)
    })
  },
}

/** null: not told (no lists yet, or a host that would have to download them). */
export const packageCandidate = (name: string): Fact<string | null> => fact(kind, name)
