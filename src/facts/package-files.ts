// Package files in a folder of the operator's machine, told by their names: deb and rpm tools need not be there.
import { fact, known, unreadable, type Fact, type Kind } from '../model/fact.js'
import { sh } from '../text/sh.js'
import { readOnly } from './mint.js'

export interface PackageFile {
  readonly path: string
  readonly format: 'deb' | 'rpm'
  readonly name: string
  /** As the package manager writes it; an rpm's epoch is not in its name. */
  readonly version: string
  /** `amd64`, `x86_64`, `all`, `noarch`. */
  readonly arch: string
}

const kind: Kind<string, readonly PackageFile[]> = {
  name: 'package files',
  stays: 'host',
  cost: 'cheap',
  within: 20_000,
  ask: (folders) =>
    readOnly(sh`for d in ${folders}; do
  if [ -d "$d" ]; then find -L "$d" -type f \( -name '*.deb' -o -name '*.rpm' \) -print0; else printf '\001\0'; fi
  printf '\0'
done`),
  tell: ({ stdout }, folders) => {
    const lists = listsIn(stdout.toString('utf8'))
    return folders.map((folder, index) => {
      const paths = lists[index]
      if (!paths) return unreadable(`${folder}: could not be listed`)
      return paths[0] === '\u0001'
        ? unreadable(`${folder}: there is no such folder on this machine`)
        : known(paths.flatMap(parse))
    })
  },
}

/** Also in the folder's folders. Asked of the operator's machine. */
export const packageFiles = (folder: string): Fact<readonly PackageFile[]> => fact(kind, folder, 'operator')

/** An empty record ends a folder's list. */
const listsIn = (text: string): readonly (readonly string[])[] => {
  const lists: string[][] = []
  let list: string[] = []
  for (const record of text.split('\0').slice(0, -1)) {
    if (record === '') {
      lists.push(list)
      list = []
    } else list.push(record)
  }
  return lists
}

const parse = (path: string): readonly PackageFile[] => {
  const file = path.slice(path.lastIndexOf('/') + 1)
  const deb = /^([^_]+)_([^_]+)_([^_]+)\.deb$/.exec(file)
  if (deb) {
    const [, name = '', version = '', arch = ''] = deb
    return [{ path, format: 'deb', name, version: version.replaceAll(/%3a/gi, ':'), arch }]
  }
  // Files out of Google's old repository carry their hash in front.
  const rpm = /^(.+)-([^-]+-[^-]+)\.([^.]+)\.rpm$/.exec(file.replace(/^[0-9a-f]{64}-/, ''))
  if (!rpm) return []
  const [, name = '', version = '', arch = ''] = rpm
  return [{ path, format: 'rpm', name, version, arch }]
}
