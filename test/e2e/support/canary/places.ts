// Where a secret could be left on a host, as its disk and its memory file systems show it from outside, and its journal.
import { join } from 'node:path'
import { initOf } from '../../../lab/host.js'
import { pathsOf } from '../../../lab/paths.js'
import type { Lab } from '../lab.js'
import type { Planted } from './needles.js'
import { searchFolder, searchText, type Hit } from './search.js'

interface Place {
  readonly root: string
  /** Where the host has it. */
  readonly at: string
  readonly leaveOut: readonly string[]
}

/** What is in images came from the registry; a container's own files are in the snapshots. */
const layers = ['containerd/io.containerd.content.v1.content']

const placesOf = (lab: string, host: string): readonly Place[] => {
  const paths = pathsOf(lab)
  const live = `/proc/${initOf(paths, host)}/root`
  return [
    { root: join(paths.disks, host, 'upper'), at: '', leaveOut: [] },
    { root: join(paths.disks, host, 'var-lib'), at: '/var/lib', leaveOut: layers },
    ...['/run', '/tmp', '/dev/shm'].map((at) => ({ root: `${live}${at}/`, at: `${at}/`, leaveOut: [] })),
  ]
}

export interface Searched {
  readonly places: number
  readonly hits: readonly Hit[]
}

export const searchHost = async (
  lab: Lab,
  { name, host, ...search }: { name: string; host: string; secrets: readonly Planted[]; work: string; since: Date },
): Promise<Searched> => {
  let places = 0
  const hits: Hit[] = []
  for (const { root, at, leaveOut } of placesOf(name, host)) {
    const found = await searchFolder(root, { ...search, leaveOut })
    places += found.files
    hits.push(...found.hits.map(({ place, secret }) => ({ place: `${host}:${at}${place}`, secret })))
  }
  // Long fields are compressed in the journal's files, so it is read out too.
  const journal = await lab.on(host, 'journalctl --no-pager -o export 2>/dev/null || true')
  return {
    places: places + 1,
    hits: [...hits, ...searchText(`${host}: journal`, { text: journal, secrets: search.secrets })],
  }
}
