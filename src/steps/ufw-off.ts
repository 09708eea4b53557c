// Switches ufw off, now and at boot. Its rules stay for whoever switches it on again.
import { textOf } from '../facts/text.js'
import { see } from '../model/look.js'
import { step, type Step } from '../model/step.js'
import { sh } from '../text/sh.js'

/** Id `ufw`. */
export const ufwOff = (): Step =>
  step<string | null>({
    id: 'ufw',
    title: 'Switch ufw off',
    look: see(textOf('/etc/ufw/ufw.conf')),
    diff: (text) =>
      text !== null && /^ENABLED=yes/m.test(text)
        ? [{ path: 'firewall ufw', from: 'on', to: 'off', impact: 'none' }]
        : [],
    apply: ({ self }) => self.run(sh`ufw disable`),
  })
