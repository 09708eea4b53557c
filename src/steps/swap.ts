// Swap off for good: now, in /etc/fstab without losing its lines, in swap units and zram (R-O4).
import { swap, zramFile, type SwapState, type SwapUnit } from '../facts/swap.js'
import type { StepId } from '../model/fact.js'
import { see } from '../model/look.js'
import { step, type Change, type Step } from '../model/step.js'
import { sh } from '../text/sh.js'
import { applyEdit, editChange } from './edit.js'
import { put } from './put.js'

const fstabFile = '/etc/fstab'

/** Id `swap`. */
export const swapOff = ({ after = [] }: { readonly after?: readonly StepId[] } = {}): Step =>
  step<SwapState>({
    id: 'swap',
    title: 'Turn swap off, now and at boot',
    after,
    look: see(swap()),
    diff: (have) => [
      ...editChange({ path: fstabFile, edit: withoutSwap, to: 'swap lines commented out' }, have.fstab),
      ...have.units.map(unitChange),
      ...(have.zram === 'on' ? [{ path: zramFile, from: 'zram swap', to: 'empty', impact: 'none' } as const] : []),
      ...have.active.map((device): Change => ({ path: `swap ${device}`, from: 'on', to: 'off', impact: 'none' })),
    ],
    apply: async ({ self }, { fstab, units, zram, active }) => {
      await applyEdit(self, { path: fstabFile, before: fstab, after: withoutSwap(fstab) })
      if (zram === 'on') await put(self, { path: zramFile, bytes: new Uint8Array(), mode: 0o644, owner: 'root:root' })
      const named = (place: SwapUnit['place']) => units.filter((unit) => unit.place === place).map(({ name }) => name)
      await self.run(
        sh`set -e
for u in ${named('elsewhere')}; do systemctl mask --quiet "$u"; done
for u in ${named('etc')}; do systemctl disable --quiet "$u"; done
for d in ${active}; do swapoff "$d"; done
systemctl daemon-reload`,
        { within: 300_000 },
      )
    },
  })

const unitChange = ({ name, boot, place }: SwapUnit): Change => ({
  path: `unit ${name} boot`,
  from: boot,
  to: place === 'etc' ? 'disabled' : 'masked',
  impact: 'none',
})

/** Lines are kept, behind a mark that says who did it. */
const withoutSwap = (text: string | null): string | null =>
  text === null
    ? null
    : text
        .split('\n')
        .map((line) => (/^\s*[^#\s]\S*\s+\S+\s+swap(\s|$)/.test(line) ? `# khactl: ${line}` : line))
        .join('\n')
