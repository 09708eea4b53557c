// Brings a snapshot from a master to the operator's machine, in pieces that no message limit minds, and keeps the last five.
import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { KhactlError } from '../../../model/error.js'
import type { Writer } from '../../../model/step.js'
import { raw, join, sh } from '../../../text/sh.js'
import type { TakenSnapshot } from './snapshot-take.js'

export interface FetchSnapshot {
  readonly leader: Writer
  readonly operator: Writer
  readonly taken: TakenSnapshot
  readonly wanted: { readonly cluster: string; readonly folder: string }
  /** Called when the copy is proved, before it gets its name: one that died between leaves nothing on the master. */
  readonly whenFetched: () => Promise<void>
}

const kept = 5
const piece = 8 * 1024 * 1024

export const fetchSnapshot = async ({ leader, operator, taken, wanted, whenFetched }: FetchSnapshot): Promise<void> => {
  const { cluster, folder } = wanted
  const part = `${folder}/.etcd-${cluster}.part`
  await operator.run(sh`umask 077; mkdir -p ${folder} && : >${part} && chmod 600 ${part}`)
  const hash = createHash('sha256')
  for (let from = 0; from < taken.bytes; from += piece) {
    const bytes = await readPiece(leader, { path: taken.path, at: from / piece })
    hash.update(bytes)
    await operator.run(sh`cat >>${part}`, { stdin: bytes, within: 120_000, output: 'secret' })
  }
  const here = await operator.run(sh`{ sha256sum || shasum -a 256; } 2>/dev/null <${part}`, { within: 300_000 })
  const sums = [hash.digest('hex'), here.stdout.toString('utf8').slice(0, 64)]
  if (sums.some((sum) => sum !== taken.sha256))
    throw new KhactlError('etcd.snapshot', {
      message: `the snapshot of etcd did not arrive from ${leader.host} as it was sent`,
      exit: 'failed',
      hint: `Is there room in ${folder}? Run the same command again.`,
    })
  await whenFetched()
  await operator.run(
    join([sh`cd ${folder} && mv -f ${part} etcd-${cluster}-"$(date -u +%Y%m%dT%H%M%SZ)".db`, prune(cluster)], '\n'),
  )
}

/** A snapshot is mostly text: a tenth of it goes over the wire. */
const readPiece = async (
  leader: Writer,
  { path, at }: { readonly path: string; readonly at: number },
): Promise<Buffer> => {
  const { stdout } = await leader.run(sh`dd if=${path} bs=${piece} skip=${at} count=1 2>/dev/null | gzip -1`, {
    within: 120_000,
    output: 'secret',
  })
  return gunzipSync(stdout)
}

const digits = (count: number): string => '[0-9]'.repeat(count)

/** Names sort by time. */
const prune = (cluster: string) =>
  join(
    [
      sh`set -- etcd-${cluster}-`,
      raw(`${digits(8)}T${digits(6)}Z.db
while [ $# -gt ${kept} ]; do rm -f "$1"; shift; done`),
    ],
    '',
  )
