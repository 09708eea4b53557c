// How containerd reaches an image registry: one folder under certs.d a registry, read at every pull without a restart.
import type { Registry } from '../model/inventory.js'
import { conf } from '../text/conf.js'
import type { Place } from './rendered.js'

export const certsFolder = '/etc/containerd/certs.d'

export const registryFolder = ({ host }: Registry): Place => ({ path: `${certsFolder}/${host}`, mode: 0o755 })
export const hostsTomlFile = (registry: Registry): Place => ({
  path: `${registryFolder(registry).path}/hosts.toml`,
  mode: 0o644,
})
/** Where the registry's CA file goes; null: it has none. */
export const registryCaFile = (registry: Registry): Place | null =>
  registry.ca === null ? null : { path: `${registryFolder(registry).path}/ca.crt`, mode: 0o644 }

/**
 * Mirrors in their order, then the registry itself. The registry has a `[host]` table too: without one containerd 1.6
 * cannot read the file and silently falls back to HTTPS (`getSortedHosts`, remotes/docker/config/hosts.go).
 */
export const hostsToml = (registry: Registry): string => {
  const server = url(registry, serverHost(registry.host))
  const hosts = [...registry.mirrors.map((mirror) => url(registry, mirror)), server]
  return conf`
    # Written by khactl: changes made here are replaced by the next khactl up.
    server = ${quote(server)}
    ${hosts.flatMap((host) => ['', ...hostTable(registry, host)])}
  `
}

/** Key of the registry's credentials in containerd's configuration: the host that is really asked. */
export const serverHost = (host: string): string => (host === 'docker.io' ? 'registry-1.docker.io' : host)

const hostTable = (registry: Registry, host: string): readonly string[] => {
  const isTls = host.startsWith('https://')
  const ca = registryCaFile(registry)
  return [
    `[host.${quote(host)}]`,
    '  capabilities = ["pull", "resolve"]',
    ...(hasApiPath(host) ? ['  override_path = true'] : []),
    ...(isTls && ca !== null ? [`  ca = ${quote(ca.path)}`] : []),
    ...(isTls && registry.transport === 'https-unverified' ? ['  skip_verify = true'] : []),
  ]
}

/** Such a path (Harbor's `/v2/PROJECT`) is the API's root already; containerd would append another `/v2`. */
const hasApiPath = (host: string): boolean => /^https?:\/\/[^/]+\/(.*\/)?v2(\/|$)/.test(host)

/** A mirror may name its own scheme; otherwise the registry's transport says it. */
const url = ({ transport }: Registry, host: string): string => {
  if (/^https?:\/\//.test(host)) return host
  return `${transport === 'http' ? 'http' : 'https'}://${host}`
}

/** JSON's strings are TOML's basic strings. */
export const quote = (text: string): string => JSON.stringify(text)
