// Every secret reference of an inventory, with its path.
import type { YamlPath } from '../text/yaml.js'
import { hopParts, sshParts } from './logins.js'
import type { Draft } from './shape.js'
import type { SecretRef } from './schema/secret-ref.js'
import type { Reference } from './secrets.js'

export const secretReferences = (draft: Draft): readonly Reference[] => {
  const { cluster } = draft
  return [
    { path: ['cluster', 'endpoint', 'keepalived', 'password'], ref: cluster?.endpoint?.keepalived?.password },
    ...(cluster?.registries ?? []).map((registry, index) => ({
      path: ['cluster', 'registries', index, 'credentials', 'password'],
      ref: registry?.credentials?.password,
    })),
    ...sshParts(draft).flatMap(({ path, ssh }) => [
      ...ofLogin(path, ssh),
      { path: [...path, 'sudoPassword'], ref: ssh.sudoPassword },
      ...hopParts(path, ssh.jump).flatMap(({ path: at, hop }) => ofLogin(at, hop)),
    ]),
  ].flatMap(({ path, ref }) => (ref === undefined || ref === 'ask' ? [] : [{ path, ref: ref as SecretRef }]))
}

const ofLogin = (path: YamlPath, { passphrase, password }: { passphrase?: unknown; password?: unknown }) => [
  { path: [...path, 'passphrase'], ref: passphrase },
  { path: [...path, 'password'], ref: password },
]
