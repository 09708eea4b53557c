// Puts a whole file in place on a host in one command: temporary file in the same folder, mode and owner, rename.
import { createHash } from 'node:crypto'
import type { Writer } from '../model/step.js'
import { join, raw, sh } from '../text/sh.js'

export interface Put {
  readonly path: string
  readonly bytes: Uint8Array
  /** Permission bits; null: those of the file that is there (0644 for a new one). */
  readonly mode: number | null
  /** `user:group`; null: of the file that is there. */
  readonly owner: string | null
  /** Of the content that is to be replaced; another one is not overwritten. null: whatever is there. */
  readonly replaces?: string | null
}

/** `0644` */
export const octal = (mode: number): string => mode.toString(8).padStart(4, '0')

/**
 * Nobody reads half a file, a secret is never readable by others, and a run that dies leaves no more than a
 * `.khactl-….part`, which the next one removes. A `link` in place is replaced by the file.
 */
export const put = (at: Writer, { path, bytes, mode, owner, replaces }: Put) =>
  at.run(
    join(
      [
        sh`p=${path} sum=${createHash('sha256').update(bytes).digest('hex')} before=${replaces ?? ''}`,
        raw(head),
        owner === null ? raw('[ ! -e "$p" ] || chown --reference="$p" "$t"') : sh`chown ${owner} "$t"`,
        mode === null
          ? raw('if [ -e "$p" ]; then chmod --reference="$p" "$t"; else chmod 0644 "$t"; fi')
          : sh`chmod ${octal(mode)} "$t"`,
        raw(tail),
      ],
      '\n',
    ),
    { stdin: bytes },
  )

const head = `set -eu; umask 077
case $p in */*) d=\${p%/*};; *) exit 2;; esac
[ -d "$d/" ] || { echo "the folder $d does not exist" >&2; exit 1; }
[ ! -d "$p" ] || [ -L "$p" ] || { echo "$p is a folder; it is left alone" >&2; exit 1; }
if [ -n "$before" ]; then
  h=$(sha256sum <"$p"); [ "\${h%% *}" = "$before" ] || { echo "$p changed meanwhile; it is left alone" >&2; exit 1; }
fi
n=\${p##*/}
rm -f "$d/.khactl-$n."??????.part
t=$(mktemp "$d/.khactl-$n.XXXXXX.part")
trap 'rm -f "$t"' EXIT
cat >"$t"
h=$(sha256sum <"$t"); [ "\${h%% *}" = "$sum" ] || { echo 'the content did not arrive whole' >&2; exit 1; }`

// SELinux: a new file gets the folder's label, which is not always the path's.
const tail = `mv -f -T "$t" "$p"
trap - EXIT
if [ -e /sys/fs/selinux/enforce ] && command -v restorecon >/dev/null; then restorecon -F "$p" || true; fi`
