// What the site's administrators configured on every host before khactl comes: the base package repository.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { controllerOf, type System } from './profiles.js'
import { signingKeys } from './signing.js'

export const httpPort = 8080
export const registryPort = 5000

export const siteUrl = (lab: string, path: string): string => `http://${controllerOf(lab)}:${httpPort}/${path}`

export async function siteFiles(lab: string, system: System): Promise<(readonly [string, string])[]> {
  const key = readFileSync(join(await signingKeys(), 'debian.asc'), 'utf8')
  if (system === 'rpm') {
    const file = 'etc/pki/rpm-gpg/RPM-GPG-KEY-site'
    const repo = `[baseos]
name=Base of the site
baseurl=${siteUrl(lab, 'dnf/base')}
enabled=1
gpgcheck=1
gpgkey=file:///${file}
`
    return [
      [file, key],
      ['etc/yum.repos.d/site.repo', repo],
    ]
  }
  const sources = `Types: deb
URIs: ${siteUrl(lab, 'apt/debian')}
Suites: stable
Components: main
Signed-By: /usr/share/keyrings/site.asc
`
  return [
    ['usr/share/keyrings/site.asc', key],
    ['etc/apt/sources.list.d/debian.sources', sources],
  ]
}
