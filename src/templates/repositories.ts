// Package repositories as files of apt and dnf, with their keys in files of their own.
import type { AptRepository, DnfRepository, Proxy } from '../model/inventory.js'
import { conf } from '../text/conf.js'
import type { Place } from './rendered.js'

/** apt tells the two forms of a key by the file's name (apt-key(8), apt 1.4 and later). */
export const aptKeyFile = ({ name, key }: AptRepository): Place => ({
  path: `/etc/apt/keyrings/khactl-${name}.${isArmoured(key.bytes) ? 'asc' : 'gpg'}`,
  mode: 0o644,
})
export const aptSourceFile = ({ name }: AptRepository): Place => ({
  path: `/etc/apt/sources.list.d/khactl-${name}.sources`,
  mode: 0o644,
})

/** deb822 (sources.list(5), apt 1.1 and later). A suite that ends in `/` is a flat repository and has no components. */
export const aptSource = (repository: AptRepository): string => {
  const { url, suite, components } = repository
  return conf`
    # Written by khactl: changes made here are replaced by the next khactl up.
    Types: deb
    URIs: ${url}
    Suites: ${suite}
    ${suite.endsWith('/') || components.length === 0 ? [] : [`Components: ${components.join(' ')}`]}
    Signed-By: ${aptKeyFile(repository).path}
  `
}

export const aptProxyFile: Place = { path: '/etc/apt/apt.conf.d/50khactl-proxy', mode: 0o644 }

/** apt-transport-http(1): exceptions are host names or addresses one by one; it knows no subnets and no domains. */
export const aptProxy = ({ http, https, noProxy }: Proxy): string => conf`
  // Written by khactl: changes made here are replaced by the next khactl up.
  ${http === null ? [] : [`Acquire::http::Proxy "${http}";`]}
  ${https === null ? [] : [`Acquire::https::Proxy "${https}";`]}
  ${noProxy
    .filter(isHost)
    .flatMap((host) => [`Acquire::http::Proxy::${host} "DIRECT";`, `Acquire::https::Proxy::${host} "DIRECT";`])}
`

const isHost = (entry: string): boolean => /^[\w-]+([.][\w-]+)*$/.test(entry)

export const dnfKeyFile = ({ name }: DnfRepository): Place => ({
  path: `/etc/pki/rpm-gpg/khactl-${name}.asc`,
  mode: 0o644,
})
export const dnfRepositoryFile = ({ name }: DnfRepository): Place => ({
  path: `/etc/yum.repos.d/khactl-${name}.repo`,
  mode: 0o644,
})

/** Signatures of the packages are checked; a repository's own metadata is signed by few. */
export const dnfRepository = (repository: DnfRepository, proxy: Proxy | null): string => conf`
  # Written by khactl: changes made here are replaced by the next khactl up.
  [khactl-${repository.name}]
  name=khactl ${repository.name}
  baseurl=${repository.url}
  enabled=1
  gpgcheck=1
  gpgkey=file://${dnfKeyFile(repository).path}
  ${proxyFor(repository.url, proxy).map((url) => `proxy=${url}`)}
`

/** At most one: dnf has a proxy for each repository and no list of exceptions. */
const proxyFor = (url: string, proxy: Proxy | null): readonly string[] => {
  const [, scheme = '', host = ''] = /^(https?):\/\/([^/:]+)/.exec(url) ?? []
  const way = scheme === 'https' ? proxy?.https : proxy?.http
  return way === undefined || way === null || proxy?.noProxy.includes(host) ? [] : [way]
}

const isArmoured = (bytes: Uint8Array): boolean =>
  new TextDecoder('latin1').decode(bytes.subarray(0, 40)).trimStart().startsWith('-----BEGIN PGP')
