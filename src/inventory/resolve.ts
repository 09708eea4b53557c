// What the inventory only names: secrets, the network plugin's manifest, the repositories' keys. For a file without errors.
import { isSecret, type Secret } from '../model/command.js'
import { defaults, versionOf, type Resolved } from './build.js'
import { resolveCni } from './cni.js'
import { resolvePackages } from './package-source.js'
import type { Checked } from './build-hosts.js'
import { mistake, pathText, type Problem } from './problem.js'
import { secretReferences } from './references.js'
import { resolveSecret } from './secrets.js'
import { resolveSshConfigs } from './ssh-configs.js'
import type { Surroundings } from './surroundings.js'
import type { YamlPath } from '../text/yaml.js'

export const resolveAll = async (
  surroundings: Surroundings,
  { whole, mentions }: Checked,
): Promise<Resolved | { readonly problems: readonly Problem[] }> => {
  const { cluster } = whole
  const problems: Problem[] = []
  const secrets = new Map<string, Secret>()
  const run = new Map<string, Promise<Secret | Problem>>()
  for (const reference of secretReferences(whole)) {
    // One after the other: two programs that ask for a passphrase must not share the terminal. The same one is run once.
    const same = JSON.stringify(reference.ref)
    const asked = run.get(same) ?? resolveSecret(surroundings, reference)
    run.set(same, asked)
    const found = await asked
    const key = reference.path.join('.')
    const fault = isSecret(found) ? unfit(reference.path, found) : found
    if (fault !== null) problems.push(fault)
    else if (isSecret(found)) secrets.set(key, found)
  }
  const [packages, cni] = await Promise.all([
    resolvePackages(surroundings, { entry: cluster.packages ?? {}, version: versionOf(cluster.version) }),
    resolveCni(surroundings, { entry: cluster.cni, podSubnet: cluster.podSubnet ?? defaults.podSubnet }),
  ])
  if (!('source' in packages)) problems.push(...packages)
  if ('severity' in cni) problems.push(cni)
  const configs =
    problems.length > 0 ? { problems: [] } : await resolveSshConfigs({ surroundings, secrets, whole, mentions })
  if ('problems' in configs) problems.push(...configs.problems)
  return problems.length > 0 || !('source' in packages) || 'severity' in cni || 'problems' in configs
    ? { problems }
    : { packages, cni, secrets, configOf: configs.configOf }
}

const unfit = (path: YamlPath, value: Secret): Problem | null => {
  // keepalived cuts a longer password off without a word, at 8 characters.
  if (path.includes('keepalived') && value.reveal().length > 8)
    return mistake('vrrp-password', {
      path,
      message: 'The VRRP password has more than 8 characters; keepalived would use the first 8',
      hint: 'Take a shorter one, or none: it travels in clear text.',
    })
  // A prompt takes one line: the rest of it would be typed into whatever asks next.
  if (path.includes('ssh') && /[\r\n\0]/.test(value.reveal()))
    return mistake('secret-lines', {
      path,
      message: `${pathText(path)}: the secret has more than one line`,
      hint: 'Let the file or program give the password alone, on one line.',
    })
  return null
}
