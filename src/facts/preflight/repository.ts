// What a package repository offers, asked by the host that will install from it: reachable, and in which versions.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { join, raw, sh } from '../../text/sh.js'
import { readOnly } from '../mint.js'
import { fetching, needsCurl, type Way } from './http.js'

export interface RepositoryQuestion {
  /** apt: `URL/dists/SUITE/COMPONENT/binary-ARCH` or a flat `URL/SUITE`, as the folder of Packages; dnf: the base URL. */
  readonly folder: string
  readonly system: 'apt' | 'dnf'
  readonly names: readonly string[]
  readonly way: Way | null
}

export interface Offer {
  readonly name: string
  readonly version: string
}

/** `unlisted`: it answers, but its index could not be read here (zstd, xz). */
export type Offers =
  | { readonly kind: 'offers'; readonly offers: readonly Offer[] }
  | { readonly kind: 'silent'; readonly why: string }
  | { readonly kind: 'unlisted'; readonly why: string }

const apt = `apt_offers() { d=$1; shift
  d=$(echo "$d" | sed "s/@ARCH@/$(dpkg --print-architecture)/")
  t=$(get "$d/Packages.gz" 2>/dev/null | gzip -dc 2>/dev/null | sed -n "$pick")
  [ -n "$t" ] || { t=$(get "$d/Packages" 2>&1) || { echo "silent $t"; return; }; t=$(echo "$t" | sed -n "$pick"); }
  echo "$t" | offered "$@"; }
pick='/^Package: /{s///;h;}; /^Version: /{s///;G;s/^\\(.*\\)\\n\\(.*\\)/= \\2 \\1/;p;}'
offered() { e=; for n do e="$e|$n"; done; grep -E "^= (\${e#|}) "; echo listed; }`

const dnf = `dnf_offers() { d=\${1%/}; shift
  case $d in *'$releasever'*) echo 'unlisted its address depends on $releasever'; return;; esac
  d=$(echo "$d" | sed "s/\\$basearch/$(uname -m)/g")
  m=$(get "$d/repodata/repomd.xml" 2>&1) || { echo "silent $m"; return; }
  p=$(echo "$m" | tr '>' '\\n' | sed -n 's/.*<location href="\\([^"]*primary\\.xml[^"]*\\)".*/\\1/p' | sed -n 1p)
  case $p in *.gz) z=gzip;; *.zst) z=zstd;; *.xz) z=xz;; *) z=cat;; esac
  command -v $z >/dev/null || { echo "unlisted its index needs $z"; return; }
  [ $z = cat ] || z="$z -dc"
  get "$d/$p" 2>/dev/null | $z | tr '>' '\\n' | sed -n '/^<name$\\|<name$/{n;s/<.*//;h;}; /<version /{s/.*epoch="\\([^"]*\\)" ver="\\([^"]*\\)" rel="\\([^"]*\\)".*/\\1:\\2-\\3/;G;s/^\\(.*\\)\\n\\(.*\\)/= \\2 \\1/;p;}' | offered "$@"; }`

const kind: Kind<RepositoryQuestion, Offers> = {
  name: 'repository',
  stays: 'world',
  cost: 'active',
  within: 120_000,
  ask: (questions) =>
    readOnly(
      join(
        [
          raw(`${apt}\n${dnf}`),
          ...questions.flatMap(({ system, folder, names, way }) => [
            fetching(way),
            sh`${raw(`${system}_offers`)} ${folder} ${names}; printf '\0'`,
          ]),
        ],
        '\n',
      ),
    ),
  tell: ({ stdout }, questions) => {
    const answers = stdout.toString('utf8').split('\0')
    return questions.map(({ folder }, index) => {
      const offers = parseOffers(answers[index] ?? '')
      if (offers === null) return unreadable(`${folder} could not be asked`)
      return offers.kind === 'silent' && offers.why.includes(needsCurl) ? unreadable(needsCurl) : known(offers)
    })
  },
}

export const repositoryOffers = (question: RepositoryQuestion): Fact<Offers> => fact(kind, question)

export const parseOffers = (text: string): Offers | null => {
  const lines = text.trim().split('\n')
  const [, word, why = ''] = /^(silent|unlisted) ?([\s\S]*)$/.exec(text.trim()) ?? []
  if (word === 'silent' || word === 'unlisted') return { kind: word, why: why.trim().split('\n').at(-1) ?? '' }
  if (lines.at(-1) !== 'listed') return null
  const offers = lines.flatMap((line): readonly Offer[] => {
    const [mark, name, version] = line.split(' ')
    return mark === '=' && name !== undefined && version !== undefined ? [{ name, version }] : []
  })
  return { kind: 'offers', offers }
}
