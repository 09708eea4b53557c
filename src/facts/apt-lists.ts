// Whether apt has fetched a repository's package list.
import { fact, known, unreadable, type Fact, type Kind } from '../model/fact.js'
import { sh } from '../text/sh.js'
import { readOnly } from './mint.js'

export interface AptRepositoryName {
  readonly url: string
  /** A suite that ends in `/` is a flat repository. */
  readonly suite: string
}

const folder = '/var/lib/apt/lists'

const kind: Kind<AptRepositoryName, 'fetched' | 'absent'> = {
  name: 'apt lists',
  stays: 'host',
  cost: 'cheap',
  within: 5000,
  ask: (names) =>
    readOnly(sh`for f in ${names.map(listName)}; do
  if [ -e ${folder}/"$f"InRelease ] || [ -e ${folder}/"$f"Release ]; then echo fetched; else echo absent; fi; done`),
  tell: ({ stdout }, names) => {
    const lines = stdout.toString('utf8').split('\n')
    return names.map((_, index) => {
      const line = lines[index]
      return line === 'fetched' || line === 'absent'
        ? known<'fetched' | 'absent'>(line)
        : unreadable('apt lists: no answer')
    })
  },
}

/** Of one repository, by its address. */
export const aptLists = (name: AptRepositoryName): Fact<'fetched' | 'absent'> => fact(kind, name)

/** As apt's URItoFileName makes it of the address: without scheme and login, odd characters as %xx, `/` as `_`. */
const listName = ({ url, suite }: AptRepositoryName): string => {
  const base = url
    .replace(/^[a-z+]+:\/\//, '')
    .replace(/^[^/@]*@/, '')
    .replace(/\/+$/, '')
  const flat = suite.replace(/^\.?\/+/, '')
  const path = suite.endsWith('/') ? `${base}/${suite.startsWith('./') ? './' : ''}${flat}` : `${base}/dists/${suite}/`
  const odd = /[\\|{}[\]<>"^~_=!@#$%&*]/g
  return path.replaceAll(odd, (char) => `%${char.charCodeAt(0).toString(16)}`).replaceAll('/', '_')
}
