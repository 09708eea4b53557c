// Encrypted keys: the passphrase from the inventory, or asked for once a file; decoded once, for all hosts.
import type { ParsedKey, SignCallback, SigningRequestOptions } from 'ssh2'
import type { Secret } from '../model/command.js'
import type { AskSecret } from '../model/session.js'
import { parseKey, type KeyFile, type PublicHalf } from './keys.js'
import type { Ssh2 } from './ssh2.js'

export type LockedKey = Extract<KeyFile, { kind: 'locked' }>

/** Rejects with an error that says why there is no key; the same answer for the same file and passphrase. */
export type Unlock = (file: LockedKey, passphrase: Secret | null) => Promise<ParsedKey>

/** As ssh does. */
const questions = 3

export const createUnlock = (ssh2: Ssh2, askSecret: AskSecret | undefined): Unlock => {
  const keys = new Map<string, Promise<ParsedKey>>()
  const unlock: Unlock = async ({ path, text }, passphrase) => {
    const given = passphrase === null ? null : parseKey(ssh2, text, passphrase.reveal())
    if (given !== null && !(given instanceof Error)) return given
    for (let count = 1; count <= questions; count += 1) {
      const again = count === 1 ? '' : ` (that was wrong; ${count} of ${questions})`
      const answer = (await askSecret?.(`Passphrase of ${path}${again}`)) ?? null
      if (answer === null) throw new Error(nobody({ path, given }))
      const key = parseKey(ssh2, text, answer.reveal())
      if (!(key instanceof Error)) return key
    }
    throw new Error(`key ${path} stays locked: ${questions} wrong passphrases`)
  }
  return (file, passphrase) => {
    const same = JSON.stringify([file.path, passphrase?.reveal()])
    const key = keys.get(same) ?? unlock(file, passphrase)
    keys.set(same, key)
    return key
  }
}

const nobody = ({ path, given }: { readonly path: string; readonly given: Error | null }): string =>
  given === null
    ? `key ${path} is encrypted, and nobody gave its passphrase: load it with \`ssh-add ${path}\`, or name the passphrase in the inventory (\`ssh: { passphrase: … }\`)`
    : `key ${path} is encrypted, and the passphrase that the inventory gives for it is wrong`

/** An agent of one key that is decoded when a server takes it, and not before: who is refused is asked for nothing. */
export const lazyAgent = (ssh2: Ssh2, { half, key }: { half: PublicHalf; key: () => Promise<ParsedKey> }) => {
  class OneKey extends ssh2.BaseAgent<ParsedKey> {
    override getIdentities(answer: (error: Error | undefined, keys?: ParsedKey[]) => void): void {
      answer(undefined, [half.key])
    }
    override sign(
      _key: ParsedKey,
      data: Buffer,
      options: SigningRequestOptions | SignCallback,
      then?: SignCallback,
    ): void {
      const [hash, answer] = typeof options === 'function' ? [undefined, options] : [options.hash, then]
      key()
        .then((unlocked) => {
          const signature: Buffer | Error = unlocked.sign(data, hash)
          if (signature instanceof Error) throw signature
          return signature
        })
        .then(
          (signature) => answer?.(undefined, signature),
          (error: Error) => answer?.(error),
        )
    }
  }
  return new OneKey()
}
