// Brings a file of the operator's machine to a host in pieces; what has arrived already is not sent again.
import { KhactlError } from '../model/error.js'
import type { Writer } from '../model/step.js'
import { sh } from '../text/sh.js'

export interface Upload {
  readonly operator: Writer
  readonly host: Writer
  /** On the operator's machine. */
  readonly from: string
  /** On the host; its folder is there. */
  readonly to: string
}

/** Small enough that many hosts at once do not fill the operator's memory, nor one the host's. */
const pieceBytes = 4 * 1024 * 1024

/**
 * The pieces go to their places in a root-only file that is named by the hash of the whole, so that one may be written twice,
 * and a run that died is gone on with. It gets its name when its hash is right.
 */
export const upload = async ({ operator, host, from, to }: Upload): Promise<void> => {
  const told = await operator.run(
    sh`p=${from}; wc -c <"$p" && { sha256sum <"$p" 2>/dev/null || shasum -a 256 <"$p"; }`,
    { within: 300_000 },
  )
  const [size = '', sha256 = ''] = told.stdout.toString('utf8').trim().split(/\s+/)
  const bytes = Number(size)
  const name = to.slice(to.lastIndexOf('/') + 1)
  const part = `${to.slice(0, -name.length)}.khactl-${sha256}.part`
  const pieces = Math.ceil(bytes / pieceBytes)
  const first = await arrived({ host, to, part, sha256 })
  if (first === 'all') return
  for (let piece = Math.min(first, pieces); piece < pieces; piece += 1) {
    const { stdout } = await operator.run(sh`dd if=${from} bs=${pieceBytes} skip=${piece} count=1 2>/dev/null`)
    const upTo = Math.min(bytes, (piece + 1) * pieceBytes)
    await host
      .run(
        sh`umask 077; t=${part}
dd of="$t" bs=${pieceBytes} seek=${piece} iflag=fullblock conv=notrunc 2>"$t.err" || { cat "$t.err" >&2; rm -f "$t" "$t.err"; exit 1; }
rm -f "$t.err"
echo ${`${name}: ${mebi(upTo)} of ${mebi(bytes)} MiB`}`,
        { stdin: stdout, within: 600_000, repeat: 'harmless' },
      )
      .catch((error: unknown) => {
        throw whyOf(error, { host, name, bytes, folder: to.slice(0, -name.length - 1) })
      })
  }
  await host.run(
    sh`t=${part}; h=$(sha256sum <"$t") || exit 1
[ "\${h%% *}" = ${sha256} ] || { rm -f "$t"; echo ${`khactl: ${from} did not arrive whole`} >&2; exit 1; }
mv -f -T "$t" ${to}`,
    { within: 300_000 },
  )
}

const mebi = (bytes: number): string => (bytes / (1024 * 1024)).toFixed(1)

/** Whole pieces; a piece that was being written is not one. */
const arrived = async (of: { host: Writer; to: string; part: string; sha256: string }): Promise<number | 'all'> => {
  const { stdout } = await of.host.run(
    sh`if [ -f ${of.to} ] && h=$(sha256sum <${of.to}) && [ "\${h%% *}" = ${of.sha256} ]; then echo all
elif [ -f ${of.part} ]; then wc -c <${of.part}
else echo 0; fi`,
    { within: 300_000, repeat: 'harmless' },
  )
  const said = stdout.toString('utf8').trim()
  return said === 'all' ? 'all' : Math.floor(Number(said) / pieceBytes)
}

const whyOf = (
  error: unknown,
  { host, name, bytes, folder }: { host: Writer; name: string; bytes: number; folder: string },
): unknown =>
  error instanceof KhactlError && error.details.tail?.some((line) => /No space left/i.test(line))
    ? new KhactlError('upload.full', {
        ...error.details,
        message: `${host.host}: there is no room for ${name} (${mebi(bytes)} MiB) in ${folder}; what had come of it was removed`,
        hint: `Make room on the host (df -h ${folder}), then run the same command again.`,
        cause: error,
      })
    : error
