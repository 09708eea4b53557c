// Swap as it is now and as the next boot would bring it: /proc/swaps, /etc/fstab, swap units, zram.
import { fact, known, unreadable, type Fact, type Kind } from '../model/fact.js'
import { raw } from '../text/sh.js'
import { readOnly } from './mint.js'

export interface SwapState {
  /** Devices and files in use now. */
  readonly active: readonly string[]
  /** Text of /etc/fstab; null: there is none. */
  readonly fstab: string | null
  /** Swap units that may start at boot and come neither from fstab nor from being in use: unit files, found partitions. */
  readonly units: readonly SwapUnit[]
  /** A zram generator is configured to make swap. */
  readonly zram: 'on' | 'off'
}

export interface SwapUnit {
  readonly name: string
  /** As `systemctl list-unit-files` tells it: `enabled`, `static`, `generated`. */
  readonly boot: string
  /** `etc`: its file lies in /etc/systemd/system, where a mask would have to lie; it can only be disabled. */
  readonly place: 'etc' | 'elsewhere'
}

/** Overrides the generator's configuration; empty it turns it off (zram-generator(8)). */
export const zramFile = '/etc/systemd/zram-generator.conf'

const unitFolders = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/run/systemd/generator',
  '/run/systemd/generator.early',
  '/run/systemd/generator.late',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
]

const kind: Kind<null, SwapState> = {
  name: 'swap',
  stays: 'host',
  cost: 'cheap',
  within: 10_000,
  // Builtins where they do: each program costs a millisecond on every look.
  // `systemctl list-unit-files` takes a quarter of a second. A unit of fstab has no unit file of its own but one below /run/systemd/generator, and goes with its line.
  ask: () =>
    readOnly(
      raw(`h=; [ ! -r /proc/swaps ] || while read -r l; do [ -z "$h" ] || echo "$l"; h=y; done </proc/swaps; printf '\\0'
[ -e /etc/fstab ] && { base64 -w 0 /etc/fstab; printf .; }; printf '\\0'
told=' '
for f in ${unitFolders.map((folder) => `${folder}/*.swap`).join(' ')}; do
  [ -e "$f" ] || [ -L "$f" ] || continue
  u=\${f##*/}; case $told in *" $u "*) continue;; esac; told="$told$u "
  [ "$(readlink "/etc/systemd/system/$u")" = /dev/null ] && continue
  p=elsewhere; [ -f "/etc/systemd/system/$u" ] && p=etc
  b=$(systemctl show -p UnitFileState --value -- "$u")
  case $b:$p in masked:*|disabled:etc) continue;; esac
  [ "$(systemctl show -p SourcePath --value -- "$u")" = /etc/fstab ] || echo "$u $b $p"
done; printf '\\0'
g=; for f in /usr/lib/systemd/system-generators/zram-generator /lib/systemd/system-generators/zram-generator; do [ ! -e $f ] || g=y; done
for f in ${zramFile} /usr/local/lib/systemd/zram-generator.conf /usr/lib/systemd/zram-generator.conf; do
  [ -n "$g" ] && [ -e "$f" ] && { [ -s "$f" ] && echo on; break; }
done; printf '\\0'`),
    ),
  tell: ({ stdout }, args) => {
    const parts = stdout.toString('utf8').split('\0')
    const [active = '', fstab = '', units = '', zram = ''] = parts
    if (parts.length < 5) return args.map(() => unreadable('swap: the answer was cut off'))
    const state: SwapState = {
      active: lines(active).map((line) => line.split(/\s+/)[0] ?? ''),
      fstab: fstab === '' ? null : Buffer.from(fstab.slice(0, -1), 'base64').toString('utf8'),
      units: lines(units).map((line) => {
        const [name = '', boot = '', place] = line.split(' ')
        return { name, boot, place: place === 'etc' ? 'etc' : 'elsewhere' }
      }),
      zram: zram.includes('on') ? 'on' : 'off',
    }
    return args.map(() => known(state))
  },
}

/** One answer a host. */
export const swap = (): Fact<SwapState> => fact(kind, null)

const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line.trim() !== '')
