// What the inventory only names: secrets, the network plugin's manifest, the repositories' keys. For a file without errors.
import { isSecret, type Secret } from '../model/command.js'
import { defaults, versionOf, type Resolved } from './build.js'
import { resolveCni } from './cni.js'
import { resolvePackages } from './package-source.js'
import { mistake, type Problem } from './problem.js'
import { secretReferences } from './references.js'
import type { InventoryFile } from './schema/inventory.js'
import { resolveSecret } from './secrets.js'
import type { Surroundings } from './surroundings.js'

export const resolveAll = async (
  surroundings: Surroundings,
  { whole }: { whole: InventoryFile },
): Promise<Resolved | { readonly problems: readonly Problem[] }> => {
  const { cluster } = whole
  const problems: Problem[] = []
  const secrets = new Map<string, Secret>()
  for (const reference of secretReferences(whole)) {
    // One after the other: two programs that ask for a passphrase must not share the terminal.
    const found = await resolveSecret(surroundings, reference)
    const key = reference.path.join('.')
    const fault = isSecret(found) ? unfit(key, found) : found
    if (fault !== null) problems.push(fault)
    else if (isSecret(found)) secrets.set(key, found)
  }
  const [packages, cni] = await Promise.all([
    resolvePackages(surroundings, { entry: cluster.packages ?? {}, version: versionOf(cluster.version) }),
    resolveCni(surroundings, { entry: cluster.cni, podSubnet: cluster.podSubnet ?? defaults.podSubnet }),
  ])
  if (!('source' in packages)) problems.push(...packages)
  if ('severity' in cni) problems.push(cni)
  return problems.length > 0 || !('source' in packages) || 'severity' in cni ? { problems } : { packages, cni, secrets }
}

/** keepalived cuts a longer password off without a word, at 8 characters. */
const unfit = (key: string, value: Secret): Problem | null =>
  key !== 'cluster.endpoint.keepalived.password' || value.reveal().length <= 8
    ? null
    : mistake('vrrp-password', {
        path: key.split('.'),
        message: 'The VRRP password has more than 8 characters; keepalived would use the first 8',
        hint: 'Take a shorter one, or none: it travels in clear text.',
      })
