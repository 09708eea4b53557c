// Every secret reference of an inventory, with its path.
import type { Draft } from './shape.js'
import type { SecretRef } from './schema/secret-ref.js'
import type { Reference } from './secrets.js'

export const secretReferences = ({ cluster }: Draft): readonly Reference[] =>
  [
    { path: ['cluster', 'endpoint', 'keepalived', 'password'], ref: cluster?.endpoint?.keepalived?.password },
    ...(cluster?.registries ?? []).map((registry, index) => ({
      path: ['cluster', 'registries', index, 'credentials', 'password'],
      ref: registry?.credentials?.password,
    })),
  ].flatMap(({ path, ref }) => (ref === undefined ? [] : [{ path, ref: ref as SecretRef }]))
