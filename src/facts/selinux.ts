// SELinux: how it runs now and how it will at the next boot.
import { fact, known, unreadable, type Fact, type Kind } from '../model/fact.js'
import { raw } from '../text/sh.js'
import { readOnly } from './mint.js'

export interface SelinuxState {
  /** `absent`: the kernel runs without it. */
  readonly now: 'enforcing' | 'permissive' | 'absent'
  /** /etc/selinux/config; null: no such file. */
  readonly config: string | null
}

export const selinuxConfigFile = '/etc/selinux/config'

const kind: Kind<null, SelinuxState> = {
  name: 'selinux',
  stays: 'host',
  cost: 'cheap',
  within: 5000,
  ask: () =>
    readOnly(
      raw(
        `cat /sys/fs/selinux/enforce 2>/dev/null; printf '\\0'; [ -e ${selinuxConfigFile} ] && printf + && cat ${selinuxConfigFile}; printf '\\0'`,
      ),
    ),
  tell: ({ stdout }, args) => {
    const [enforce, config = '', end] = stdout.toString('utf8').split('\0')
    if (end === undefined) return args.map(() => unreadable('selinux: the answer was cut off'))
    const now = enforce === '1' ? 'enforcing' : enforce === '0' ? 'permissive' : 'absent'
    return args.map(() => known<SelinuxState>({ now, config: config.startsWith('+') ? config.slice(1) : null }))
  },
}

/** One answer a host. */
export const selinux = (): Fact<SelinuxState> => fact(kind, null)
