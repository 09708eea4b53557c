// SELinux as wanted, now and at the next boot. A kernel without it is left so.
import { selinux, selinuxConfigFile, type SelinuxState } from '../facts/selinux.js'
import { see } from '../model/look.js'
import { changed, step, type Change, type Step } from '../model/step.js'
import { sh } from '../text/sh.js'
import { applyEdit, editChange } from './edit.js'

/** Id `selinux`. Turning it on where the boot had it off would need a reboot and a relabelling: that is said, not done. */
export const selinuxMode = (wanted: 'permissive' | 'enforcing'): Step =>
  step<SelinuxState>({
    id: 'selinux',
    title: `Have SELinux ${wanted}`,
    look: see(selinux()),
    diff: (have) => [...nowChange(wanted, have), ...configChange(wanted, have)],
    apply: async ({ self }, have) => {
      if (nowChange(wanted, have).length > 0) await self.run(sh`setenforce ${wanted === 'enforcing' ? '1' : '0'}`)
      if (configChange(wanted, have).length > 0)
        await applyEdit(self, { path: selinuxConfigFile, before: have.config, after: withMode(wanted, have.config) })
    },
  })

const nowChange = (wanted: string, { now }: SelinuxState): readonly Change[] =>
  now === 'absent' ? [] : changed({ path: 'selinux', from: now, to: wanted })

const configChange = (wanted: string, { now, config }: SelinuxState): readonly Change[] =>
  now === 'absent'
    ? []
    : editChange({ path: selinuxConfigFile, edit: (text) => withMode(wanted, text), to: `SELINUX=${wanted}` }, config)

const withMode = (wanted: string, text: string | null): string | null =>
  text === null ? null : text.replace(/^SELINUX=.*$/m, `SELINUX=${wanted}`)
