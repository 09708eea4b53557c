// `cluster.cni` → the text of a manifest: read from a file, or a released one fetched once and cached.
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Cni } from '../model/inventory.js'
import { yamlFault } from '../text/yaml.js'
import { fetchCached } from './fetched.js'
import { mistake, type Problem } from './problem.js'
import { isUrl } from './schema/addresses.js'
import type { CniEntry } from './schema/cni.js'
import { pathIn, type Surroundings } from './surroundings.js'

const releases = {
  calico: (version: string) =>
    `https://raw.githubusercontent.com/projectcalico/calico/${version}/manifests/calico.yaml`,
  flannel: (version: string) => `https://github.com/flannel-io/flannel/releases/download/${version}/kube-flannel.yml`,
} as const

interface Wanted {
  readonly entry: CniEntry
  readonly podSubnet: string
}

export const resolveCni = async (surroundings: Surroundings, { entry, podSubnet }: Wanted): Promise<Cni | Problem> => {
  if (entry === 'none') return { kind: 'none' }
  const { calico, flannel, manifest } = entry
  if (calico !== undefined)
    return fetched(surroundings, { key: 'calico', name: `calico ${v(calico)}`, url: releases.calico(v(calico)) })
  if (flannel !== undefined) {
    const cni = await fetched(surroundings, {
      key: 'flannel',
      name: `flannel ${v(flannel)}`,
      url: releases.flannel(v(flannel)),
    })
    return 'text' in cni ? withPodSubnet(cni, podSubnet) : cni
  }
  const name = basename(manifest ?? '')
  if (isUrl(manifest ?? '')) return fetched(surroundings, { key: 'manifest', name, url: manifest ?? '' })
  const file = pathIn(surroundings, manifest ?? '')
  const text = await readFile(file, 'utf8').catch((error: Error) => error)
  if (text instanceof Error) return noManifest(file)
  return parsed({ kind: 'manifest', name, origin: file, text }, 'manifest')
}

export const noManifest = (file: string): Problem =>
  mistake('cni-manifest', {
    path: ['cluster', 'cni', 'manifest'],
    message: `The network plugin's manifest ${file} cannot be read`,
    hint: 'Check the path; it is relative to the folder of the inventory. A URL begins with https://.',
  })

const v = (version: string): string => `v${version.replace(/^v/, '')}`

type Manifest = Extract<Cni, { kind: 'manifest' }>

const fetched = async (
  surroundings: Surroundings,
  { key, name, url }: { key: string; name: string; url: string },
): Promise<Manifest | Problem> => {
  const answer = await fetchCached(surroundings, url)
  if ('why' in answer) {
    return mistake('fetch', {
      path: ['cluster', 'cni', key],
      message: `${url} could not be fetched: ${answer.why}`,
      hint: 'Check the version and the way to the internet; or download the file elsewhere and write `cni: { manifest: ./FILE }`.',
    })
  }
  return parsed({ kind: 'manifest', name, origin: url, text: Buffer.from(answer.bytes).toString('utf8') }, key)
}

const parsed = (cni: Manifest, key: string): Manifest | Problem => {
  const fault = yamlFault(cni.text)
  if (fault === null) return cni
  const path = ['cluster', 'cni', key]
  return mistake('cni-manifest', {
    path,
    message: `${cni.origin} is no manifest: ${fault}`,
    hint: 'Give a file that `kubectl apply -f` takes.',
  })
}

/** Flannel's released manifest has 10.244.0.0/16 written into it; with another pod subnet no pod would be reached. */
const withPodSubnet = (cni: Manifest, podSubnet: string): Manifest | Problem => {
  const written = /("Network":\s*)"[^"]*"/
  if (written.test(cni.text)) return { ...cni, text: cni.text.replace(written, `$1"${podSubnet}"`) }
  return mistake('cni-manifest', {
    path: ['cluster', 'cni', 'flannel'],
    message: `${cni.origin} does not say \`"Network": …\`, so the pod subnet cannot be put in`,
    hint: 'Download it, write the pod subnet into it and use `cni: { manifest: ./FILE }`.',
  })
}
