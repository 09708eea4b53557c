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

export async function signRpms(signer: Signer, files: readonly string[]): Promise<void> {
  const home = await signingKeys()
  const settings = { _gpg_name: userOf(signer), _gpg_path: home, __gpg: '/usr/bin/gpg' }
  const define = Object.entries(settings).flatMap(([name, value]) => ['--define', `${name} ${value}`])
  await run('rpmsign', [...define, '--addsign', ...files], { timeoutSeconds: 300 })
  await endAgent(home)
}
