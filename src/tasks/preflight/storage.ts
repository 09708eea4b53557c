// Is there room: free space and inodes where Kubernetes, its images and etcd will write.
import { disk, type Disk } from '../../facts/preflight/disk.js'
import { machine } from '../../facts/preflight/machine.js'
import type { Inventory, Kin } from '../../model/inventory.js'
import { each, map, see } from '../../model/look.js'
import type { Problem, Step } from '../../model/step.js'
import { isNode } from '../../templates/hosts.js'
import { alike } from '../alike.js'
import { failure, preflight, warning } from './preflight-check.js'

export const storageChecks = alike((scope): readonly Step[] => {
  const rooms = roomsOf(scope.inventory, scope.host)
  const look = each(rooms.map((room) => map(see(disk(room.path)), (have) => ({ ...room, disk: have }))))
  return [
    preflight(scope, { id: 'khactl:disk', title: 'Have room on disk', of: 'capacity', look, problems: spaceProblems }),
    preflight(scope, { id: 'khactl:inodes', title: 'Have free inodes', of: 'capacity', look, problems: inodeProblems }),
    preflight(scope, {
      id: 'khactl:tmp',
      title: 'Have a /tmp that packages can use',
      look: see(machine()),
      problems: ({ tmp }) =>
        tmp?.split(',').includes('noexec')
          ? [
              warning(
                '/tmp is mounted noexec; khactl runs nothing there, but debconf does while it prepares packages',
                'Ignore its complaint "Can\'t exec /tmp/…", or set APT::ExtractTemplates::TempDir.',
              ),
            ]
          : [],
    }),
  ]
})

export interface Room {
  readonly path: string
  /** MiB below which nothing good can come of it. */
  readonly least: number
  /** MiB that last for a while. */
  readonly good: number
}

/** Images of the control plane take 1 GiB unpacked; etcd's quota is 2 GiB, its snapshots as much again. */
const roomsOf = ({ cluster }: Inventory, host: Kin): readonly Room[] => [
  { path: '/', least: 1024, good: 2048 },
  ...(isNode(host)
    ? [
        { path: cluster.containerd.dataRoot, least: 4096, good: 10_240 },
        { path: '/var/lib/kubelet', least: 1024, good: 4096 },
      ]
    : []),
  ...(host.roles.includes('master') ? [{ path: '/var/lib/etcd', least: 2048, good: 8192 }] : []),
]

type Found = Room & { readonly disk: Disk }

/** Paths on one file system share its room: their needs add up. */
const byMount = (found: readonly Found[]): readonly (readonly Found[])[] => [
  ...found
    .reduce((mounts, one) => {
      mounts.set(one.disk.mount, [...(mounts.get(one.disk.mount) ?? []), one])
      return mounts
    }, new Map<string, readonly Found[]>())
    .values(),
]

export const spaceProblems = (found: readonly Found[]): readonly Problem[] =>
  byMount(found).flatMap((rooms) => {
    const sum = (of: (room: Room) => number): number => rooms.reduce((total, room) => total + of(room), 0)
    const [{ disk: have } = { disk: null }] = rooms
    if (!have) return []
    const where = `${have.freeMiB} MiB free on ${have.mount} (for ${rooms.map(({ path }) => path).join(', ')})`
    const hint = `Free some space, or mount a larger disk at one of ${rooms.map(({ path }) => path).join(', ')}.`
    const [least, good] = [sum((room) => room.least), sum((room) => room.good)]
    if (have.freeMiB < least) return [failure(`${where}; ${least} MiB are needed`, hint)]
    if (have.freeMiB < good) return [warning(`${where}; ${good} MiB would last`, hint)]
    return []
  })

const leastInodes = 20_000
const goodInodes = 100_000

export const inodeProblems = (found: readonly Found[]): readonly Problem[] =>
  byMount(found).flatMap(([one]) => {
    const free = one?.disk.freeInodes
    if (one === undefined || free === undefined || free === null || free >= goodInodes) return []
    const hint = 'Delete small files, or make the file system with more inodes (mkfs.ext4 -i).'
    const where = `${free} inodes free on ${one.disk.mount}`
    return free < leastInodes
      ? [failure(`${where}; images need ${leastInodes}`, hint)]
      : [warning(`${where}; ${goodInodes} would last`, hint)]
  })
