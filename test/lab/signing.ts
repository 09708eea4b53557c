// The keys that sign the lab's package repositories: made once, worth nothing outside the lab.

import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { piece } from './cache.js'
import { run } from './run.js'

export type Signer = 'debian' | 'kubernetes'
const signers: readonly Signer[] = ['debian', 'kubernetes']

const userOf = (signer: Signer): string => `khactl lab ${signer}`

async function gpg(home: string, ...args: readonly string[]): Promise<void> {
  await run('gpg', ['--batch', '--yes', '--quiet', '--homedir', home, ...args], { timeoutSeconds: 120 })
}

/** gpg leaves an agent running for its home; it is ended by name of the home. */
const endAgent = (home: string): Promise<unknown> => run('gpgconf', ['--homedir', home, '--kill', 'all'])

export const signingKeys = (): Promise<string> =>
  piece(
    { kind: 'signing', key: 'v1', title: 'make the signing keys of the repositories', expectedSeconds: 2 },
    async (into) => {
      chmodSync(into, 0o700)
      for (const signer of signers) {
        await gpg(into, '--passphrase', '', '--quick-generate-key', userOf(signer), 'rsa3072', 'sign', 'never')
        await gpg(into, '--armor', '--output', join(into, `${signer}.asc`), '--export', userOf(signer))
      }
      await endAgent(into)
    },
  )

export async function sign(signer: Signer, file: string, how: 'inline' | 'detached', to: string): Promise<void> {
  const home = await signingKeys()
  const mode = how === 'inline' ? ['--clearsign'] : ['--armor', '--detach-sign']
  await gpg(home, '--local-user', userOf(signer), ...mode, '--output', to, file)
  await endAgent(home)
}
