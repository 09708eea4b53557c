// A key that the schema does not have: what was probably meant, or where it belongs.
import { suggest } from '../text/suggest.js'
import type { YamlPath } from '../text/yaml.js'
import { mistake, pathText, type Problem } from './problem.js'
import { allKeyPaths, keysOf, schemaAt } from './schema/walk.js'

/** Words of other tools for what is called otherwise here. */
const otherWords: Readonly<Record<string, string>> = {
  loadbalancer: 'haproxy',
  loadbalancers: 'haproxy',
  lb: 'haproxy',
  keepalived: 'haproxy',
  controlplane: 'masters',
  controlplanes: 'masters',
  server: 'masters',
  servers: 'masters',
  agents: 'workers',
  nodes: 'workers',
  ip: 'address',
  host: 'address',
  hostname: 'name',
  privatekey: 'key',
  identityfile: 'key',
  keypath: 'key',
  podcidr: 'podSubnet',
  servicecidr: 'serviceSubnet',
  kubernetesversion: 'version',
  virtualip: 'vip',
  internalip: 'nodeIP',
  privateaddress: 'nodeIP',
  sans: 'certificateSANs',
  cert: 'certificateSANs',
}

export const unknownKey = (path: YamlPath, key: string): Problem => {
  const schema = schemaAt(path)
  const keys = schema === null ? [] : Object.keys(keysOf(schema) ?? {})
  const synonym = otherWords[key.toLowerCase().replace(/[-_]/g, '')]
  const guess = synonym !== undefined && keys.includes(synonym) ? synonym : suggest(key, keys)
  return mistake('unknown-key', {
    path: [...path, key],
    at: 'key',
    ...(guess !== null && { meant: [...path, guess] }),
    message: `\`${key}\` is not a key of ${pathText(path)}`,
    hint: guess === null ? elsewhere(key, keys) : `Did you mean \`${guess}\`?`,
  })
}

const elsewhere = (key: string, keys: readonly string[]): string => {
  if (key === '<<')
    return 'Merge keys are not read; write the keys out, or put what all hosts share into the top `ssh:` part.'
  const homes = allKeyPaths()
    .filter((path) => path.at(-1) === key)
    .sort((a, b) => a.length - b.length)
  if (homes.length > 0)
    return `It belongs here: ${homes
      .slice(0, 3)
      .map((home) => `\`${home.join('.')}\``)
      .join(' or ')}.`
  return `Remove it, or use one of: ${keys.join(', ')}.`
}
