// Offers keys and the password to a server one by one and remembers which, for the error.
import type { AnyAuthMethod } from 'ssh2'
import type { KhactlError } from '../model/error.js'
import type { Offer, Offers, WhileAsking } from './offer.js'
import { sshError, type Stop } from './ssh-error.js'

export interface Attempts {
  readonly next: (left: unknown, partial: unknown, next: (method: AnyAuthMethod | false) => void) => void
  /** What was offered so far; null before the server let us offer anything. */
  readonly offered: () => readonly string[] | null
  /** Whether the operator was asked something on the way: the server may have lost its patience. */
  readonly asked: () => boolean
  /** True for an error of one key, after which ssh2 tries the next one by itself. */
  readonly goesOn: (error: Error & { level?: string }) => boolean
  readonly failure: (what: string) => KhactlError
}

export interface AttemptsOptions extends Offers {
  readonly whileAsking: WhileAsking
}

export const offerInTurn = (place: Stop, options: AttemptsOptions): Attempts => {
  const rest = [...options.offers]
  const trouble = [...options.problems]
  const offered: string[] = []
  let hasBegun = false
  let asked = false
  let methods: readonly string[] | null = null
  /** Offered before the server said what it takes. */
  let blind: Offer | null = null
  let last: Offer | null = null
  const whileAsking: WhileAsking = async (work) => {
    asked = true
    return options.whileAsking(work)
  }
  const possible = (offer: Offer): boolean =>
    methods === null ? offer.kind === 'key' : offer.means.some((means) => methods?.includes(means))

  /** The next offer that the server may take; false: none is left; `none`: only to learn what it takes. */
  const choose = async (): Promise<AnyAuthMethod | false> => {
    for (;;) {
      const index = rest.findIndex(possible)
      const offer = rest[index]
      if (!offer) return methods === null && rest.length > 0 ? { type: 'none', username: place.ssh.user } : false
      rest.splice(index, 1)
      const method = await offer.method({ methods: methods ?? [], whileAsking, trouble })
      if (method === null) continue
      offered.push(offer.label)
      blind = methods === null ? offer : null
      last = offer
      return method
    }
  }
  return {
    next: (left, partial, next) => {
      hasBegun = true
      if (Array.isArray(left)) methods = left.map(String)
      if (last !== null && partial !== true) last.refused?.()
      last = null
      // With AuthenticationMethods, a key before its turn was refused unseen.
      if (blind !== null && methods !== null && !possible(blind)) {
        offered.pop()
        rest.unshift(blind)
      }
      blind = null
      choose().then(next, (error: unknown) => {
        trouble.push(error instanceof Error ? error.message : String(error))
        next(false)
      })
    },
    offered: () => (hasBegun ? offered : null),
    asked: () => asked,
    goesOn: (error) => {
      const ofOneKey = error.level === 'agent' || /^Error (while )?signing/.test(error.message)
      if (ofOneKey) {
        trouble.push(`${offered.at(-1) ?? 'key'}: ${error.message}`)
        last = null
      }
      return ofOneKey
    },
    failure: (what) => {
      last?.refused?.()
      return sshError({
        code: 'ssh.auth',
        place,
        what: [what, `offered: ${offered.join(', ') || 'nothing'}`, ...trouble].join('; '),
        hint: hintFor(place, { methods: methods ?? [], trouble }),
      })
    },
  }
}

const hintFor = (
  { ssh }: Stop,
  { methods, trouble }: { readonly methods: readonly string[]; readonly trouble: readonly string[] },
): string => {
  const takesPasswords = methods.includes('password') || methods.includes('keyboard-interactive')
  if (methods.length > 0 && !methods.includes('publickey') && takesPasswords && ssh.password === null)
    return `The server accepts ${methods.join(', ')} only: give it a password with \`ssh: { password: ask }\`, or by reference.`
  if (methods.length > 0 && !methods.includes('publickey') && !takesPasswords)
    return `The server accepts ${methods.join(', ')} only, which khactl cannot do itself: \`ssh: { client: system }\`.`
  if (ssh.password !== null && takesPasswords && trouble.length === 0)
    return 'A password that was refused is not tried again: servers lock out who does. Correct it, then run the command again.'
  return `Is one of these keys in ~${ssh.user}/.ssh/authorized_keys on the host?`
}
