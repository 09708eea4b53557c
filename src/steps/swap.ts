// Swap off for good: now, in /etc/fstab without losing its lines, in swap units and zram (R-O4).
import { swap, zramFile, type SwapState } from '../facts/swap.js'
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
      ...have.units.map((name): Change => ({
        path: `unit ${name} boot`,
        from: 'not masked',
        to: 'masked',
        impact: 'none',
      })),
      ...(have.zram === 'on' ? [{ path: zramFile, from: 'zram swap', to: 'empty', impact: 'none' } as const] : []),
      ...have.active.map((device): Change => ({ path: `swap ${device}`, from: 'on', to: 'off', impact: 'none' })),
    ],
    apply: async ({ self }, { fstab, units, zram, active }) => {
      await applyEdit(self, { path: fstabFile, before: fstab, after: withoutSwap(fstab) })
      if (zram === 'on') await put(self, { path: zramFile, bytes: new Uint8Array(), mode: 0o644, owner: 'root:root' })
      // A unit file in /etc itself cannot be masked; it is kept from the boot by disabling it.
      await self.run(
        sh`set -e
for u in ${units}; do systemctl mask --quiet "$u" 2>/dev/null || systemctl disable --quiet "$u"; done
for d in ${active}; do swapoff "$d"; done
systemctl daemon-reload`,
        { within: 300_000 },
      )
    },
  })

/** Lines are kept, behind a mark that says who did it. */
const withoutSwap = (text: string | null): string | null =>
  text === null
    ? null
    : text
        .split('\n')
        .map((line) => (/^\s*[^#\s]\S*\s+\S+\s+swap(\s|$)/.test(line) ? `# khactl: ${line}` : line))
        .join('\n')
