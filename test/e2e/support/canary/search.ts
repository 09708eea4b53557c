// Searches places for secrets: texts that a run gave, and folders with all files in them.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../lab.js'
import type { Planted } from './needles.js'

export interface Hit {
  readonly place: string
  readonly secret: string
}

export const searchText = (
  place: string,
  { text, secrets }: { text: string; secrets: readonly Planted[] },
): readonly Hit[] =>
  secrets.filter(({ forms }) => forms.some((form) => text.includes(form))).map(({ name }) => ({ place, secret: name }))

/**
 * Paths below the folder that hold a secret, and how many files were read; binary files too, other file systems not.
 * `since`: only files written from then on, which leaves out what packages and images were unpacked with.
 */
export const searchFolder = async (
  folder: string,
  {
    secrets,
    work,
    since,
    leaveOut = [],
  }: { secrets: readonly Planted[]; work: string; since?: Date; leaveOut?: readonly string[] },
): Promise<{ readonly files: number; readonly hits: readonly Hit[] }> => {
  if (!existsSync(folder)) throw new Error(`${folder} is not there: nothing was searched`)
  const needles = join(work, 'needles')
  writeFileSync(needles, [...new Set(secrets.flatMap(({ forms }) => forms))].map((form) => `${form}\n`).join(''), {
    mode: 0o600,
  })
  const prune = leaveOut.flatMap((path) => ['-path', join(folder, path), '-prune', '-o'])
  // names of what is found go with the line that was found, so that one pass over the files is enough
  const newer = since === undefined ? '' : `-newermt @${since.getTime() / 1000}`
  const script = `find "$0" -xdev "$@" -type f ${newer} -print0 >${work}/files
LC_ALL=C xargs -0 -r grep -a -F -o -H -Z -f ${needles} <${work}/files; tr -dc '\\0' <${work}/files | wc -c >&2`
  const { stdout, stderr } = await run(['sh', '-c', script, folder, ...prune])
  const hits = stdout
    .split('\n')
    .filter((line) => line.includes('\0'))
    .flatMap((line) => {
      const [path = '', found = ''] = line.split('\0')
      const place = path.slice(folder.length)
      return secrets.filter(({ forms }) => forms.includes(found)).map(({ name }) => ({ place, secret: name }))
    })
  return { files: Number(stderr.trim().split('\n').at(-1)), hits: unique(hits) }
}

const unique = (hits: readonly Hit[]): readonly Hit[] => [
  ...new Map(hits.map((hit) => [`${hit.place} ${hit.secret}`, hit])).values(),
]
