// Offers keys to a server one by one and remembers which, for the error.
import type { KhactlError } from '../model/error.js'
import type { Offer, Offers } from './auth.js'
import { sshError, type Place } from './ssh-error.js'

export interface Attempts {
  readonly next: (left: unknown, partial: unknown, next: (method: Offer['method'] | false) => void) => void
  /** What was offered so far; null before the server let us offer anything. */
  readonly offered: () => readonly string[] | null
  /** True for an error of one key, after which ssh2 tries the next one by itself. */
  readonly goesOn: (error: Error & { level?: string }) => boolean
  readonly failure: (what: string) => KhactlError
}

export const offerInTurn = (place: Place, { offers, problems }: Offers): Attempts => {
  const rest = [...offers]
  let offered: string[] | null = null
  let methods: readonly string[] = []
  const trouble = [...problems]
  return {
    next: (left, _partial, next) => {
      offered ??= []
      if (Array.isArray(left)) methods = left.map(String)
      const offer = left === null || methods.includes('publickey') ? rest.shift() : undefined
      if (!offer) {
        // ssh2 declares its callback without `false`, which is how it is told that nothing is left.
        next(false)
        return
      }
      offered.push(offer.label)
      next(offer.method)
    },
    offered: () => offered,
    goesOn: (error) => {
      const ofOneKey = error.level === 'agent' || /^Error (while )?signing/.test(error.message)
      if (ofOneKey) trouble.push(`${offered?.at(-1) ?? 'key'}: ${error.message}`)
      return ofOneKey
    },
    failure: (what) =>
      sshError({
        code: 'ssh.auth',
        place,
        what: [what, `offered: ${offered?.join(', ') || 'nothing'}`, ...trouble].join('; '),
        hint:
          methods.length > 0 && !methods.includes('publickey')
            ? `The server accepts ${methods.join(', ')} only; khactl logs in with keys.`
            : `Is one of these keys in ~${place.ssh.user}/.ssh/authorized_keys on the host?`,
      }),
  }
}
