// Where khactl's tasks put files on a host, by what they are known for its own, and which packages they install.
import { contentHash } from '../../steps/file.js'
import type { OwnPlace } from '../../steps/own-files-gone.js'
import type { Cluster } from '../../model/inventory.js'
import { keepalivedPath } from '../../endpoint/keepalived-text.js'
import { containerdFile, containerdSocket } from '../../templates/containerd.js'
import { haproxyFile } from '../../templates/haproxy.js'
import { endpointPackages } from '../../templates/keepalived.js'
import { patchesFolder } from '../../templates/kubelet.js'
import { crictlFile, crictlText, modulesFile, sysctlFile } from '../../templates/os.js'
import { proxyDropInFile } from '../../templates/proxy.js'
import { certsFolder } from '../../templates/registry.js'
import { aptProxyFile } from '../../templates/repositories.js'
import { trackScriptFolder } from '../../templates/track-scripts.js'

/** What a host has of khactl because of what it is for; `common`: whatever its roles. */
export type Part = 'common' | 'node' | 'endpoint'

interface Places {
  readonly places: readonly OwnPlace[]
  /** Made by khactl; inner ones first. */
  readonly folders: readonly string[]
}

const line = (pattern: string): OwnPlace => ({ pattern, by: { sign: 'line' } })
const name = (pattern: string): OwnPlace => ({ pattern, by: { sign: 'name' } })

/** What a run that died while it wrote left beside its file. */
const halfWritten = (path: string): readonly OwnPlace[] => {
  const at = path.lastIndexOf('/') + 1
  return [name(`${path.slice(0, at)}.khactl-${path.slice(at)}.*`)]
}

const written = (path: string): readonly OwnPlace[] => [line(path), ...halfWritten(path)]

export const containerdConfigPath = containerdFile({ text: '', secret: false }).path
export const endpointConfigs = { haproxy: haproxyFile.path, keepalived: keepalivedPath } as const

const dropIn = proxyDropInFile('containerd').path

/**
 * The patterns do not follow from the inventory's names: what an earlier inventory had written is found as well. Keys are
 * known by their file's name, a registry's CA by the hosts.toml that names it.
 */
export const placesOf: Readonly<Record<Part, Places>> = {
  common: {
    places: [
      ...written(sysctlFile.path),
      ...written(modulesFile.path),
      ...written(aptProxyFile.path),
      line('/etc/apt/sources.list.d/khactl-*.sources'),
      name('/etc/apt/keyrings/khactl-*'),
      line('/etc/yum.repos.d/khactl-*.repo'),
      name('/etc/pki/rpm-gpg/khactl-*.asc'),
    ],
    folders: [],
  },
  node: {
    places: [
      ...written(containerdConfigPath),
      { pattern: `${certsFolder}/*/ca.crt`, by: { sign: 'beside', name: 'hosts.toml' } },
      line(`${certsFolder}/*/hosts.toml`),
      ...written(dropIn),
      { pattern: crictlFile.path, by: { sign: 'content', sha256: [contentHash(crictlText(containerdSocket))] } },
      name(`${patchesFolder.path}/*`),
    ],
    folders: [`${certsFolder}/*`, certsFolder, dropIn.slice(0, dropIn.lastIndexOf('/')), patchesFolder.path],
  },
  endpoint: {
    places: [
      ...written(haproxyFile.path),
      ...written(keepalivedPath),
      line(`${trackScriptFolder.path}/khactl-*`),
      name(`${trackScriptFolder.path}/.khactl-*`),
    ],
    folders: [trackScriptFolder.path],
  },
}

export const packagesOf = (part: Part, { containerd }: Cluster): readonly string[] => {
  if (part === 'node') return ['kubelet', 'kubeadm', 'kubectl', containerd.package]
  return part === 'endpoint' ? endpointPackages : []
}

/** Those that khactl holds in exact versions. */
export const heldOf = (part: Part, cluster: Cluster): readonly string[] =>
  part === 'node' ? packagesOf(part, cluster) : []
