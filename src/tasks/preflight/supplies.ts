// Does the host reach what it installs from: the package repository and the image registry, with the wanted versions.
import { os, type Os } from '../../facts/os.js'
import { packageState } from '../../facts/package.js'
import { isVersion, upstreamVersion } from '../../facts/package-version.js'
import { imageAnswer, type ImageAnswer, type ImageQuestion } from '../../facts/preflight/registry.js'
import { repositoryOffers, type Offers, type RepositoryQuestion } from '../../facts/preflight/repository.js'
import type { Cluster } from '../../model/inventory.js'
import { all, always, chain, each, map, see, type Look } from '../../model/look.js'
import type { Problem, Step } from '../../model/step.js'
import { isNode } from '../../templates/hosts.js'
import { controlPlaneImages, pauseImage } from '../../templates/images.js'
import { serverHost } from '../../templates/registry.js'
import { alike, type KinScope } from '../alike.js'
import { failure, preflight } from './preflight-check.js'
import type { Probes } from './probes.js'

export const supplyChecks = alike((scope, probes: Probes): readonly Step[] => {
  const { cluster } = scope.inventory
  const node = isNode(scope.host)
  return [
    preflight(scope, {
      id: 'khactl:repository',
      title: 'Find the packages in their repositories',
      blind: 'not-checked',
      look: chain(all({ os: see(os()), due: packagesDue(scope, probes) }), ({ os: { family }, due }) =>
        due ? asked(questionsOf(cluster, { family, names: node ? kubernetesNames : [] })) : always([]),
      ),
      problems: (answers) =>
        repositoryProblems(answers, { names: node ? kubernetesNames : [], version: cluster.version.text }),
    }),
    ...(node
      ? [
          preflight(scope, {
            id: 'khactl:registry',
            title: 'Find the images in their registry',
            blind: 'not-checked',
            look:
              probes === 'all' || !scope.member
                ? each(imagesFor(scope).map((image) => askedImage(cluster, image)))
                : always([]),
            problems: imageProblems,
          }),
        ]
      : []),
  ]
})

const kubernetesNames = ['kubelet', 'kubeadm', 'kubectl'] as const

const packagesDue = ({ host, inventory }: KinScope, probes: Probes): Look<boolean> => {
  if (probes === 'all') return always(true)
  const { text } = inventory.cluster.version
  return isNode(host)
    ? map(see(packageState('kubelet')), ({ installed }) => installed === null || !isVersion(installed, text))
    : map(see(packageState('haproxy')), ({ installed }) => installed === null)
}

interface Asked {
  readonly question: RepositoryQuestion
  readonly offers: Offers
}

const asked = (questions: readonly RepositoryQuestion[]): Look<readonly Asked[]> =>
  each(questions.map((question) => map(see(repositoryOffers(question)), (offers) => ({ question, offers }))))

/** Only repositories that the inventory names: what the host has of its own is not khactl's to judge. */
export const questionsOf = (
  { packages, proxy }: Cluster,
  { family, names }: { readonly family: Os['family']; readonly names: readonly string[] },
): readonly RepositoryQuestion[] => {
  if (packages.source !== 'repository') return []
  if (family === 'rhel') return packages.dnf.map(({ url }) => ({ system: 'dnf', folder: url, names, way: proxy }))
  return packages.apt.flatMap(({ url, suite, components }) => {
    const base = url.replace(/\/$/, '')
    const folders = suite.endsWith('/')
      ? [`${base}/${suite.replace(/^\/|\/$/g, '')}`.replace(/\/$/, '')]
      : components.map((component) => `${base}/dists/${suite}/${component}/binary-@ARCH@`)
    return folders.map((folder) => ({ system: 'apt', folder, names, way: proxy }) as const)
  })
}

export const repositoryProblems = (
  answers: readonly Asked[],
  { names, version }: { readonly names: readonly string[]; readonly version: string },
): readonly Problem[] => {
  const silent = answers.flatMap(({ question, offers }) =>
    offers.kind === 'silent'
      ? [
          failure(
            `the package repository ${question.folder} does not answer: ${offers.why}`,
            'Check the address under packages in the inventory, and the way there (proxy, firewall, DNS).',
          ),
        ]
      : [],
  )
  const unlisted = answers.flatMap(({ question, offers }): readonly Problem[] =>
    offers.kind === 'unlisted'
      ? [{ level: 'not-checked', message: `versions in ${question.folder}: ${offers.why}` }]
      : [],
  )
  if (answers.length === 0 || silent.length > 0 || unlisted.length > 0) return [...silent, ...unlisted]
  const offered = answers.flatMap(({ offers }) => (offers.kind === 'offers' ? offers.offers : []))
  const missing = names.filter((name) => !offered.some((one) => one.name === name && isVersion(one.version, version)))
  if (missing.length === 0) return []
  const there = [
    ...new Set(offered.filter(({ name }) => name === missing[0]).map((one) => upstreamVersion(one.version))),
  ]
  return [
    failure(
      `the repositories do not have ${missing.join(', ')} ${version}; of ${missing[0]} they have ${there.slice(-5).join(', ') || 'nothing'}`,
      'Set cluster.version to one of these, or add the repository that has it.',
    ),
  ]
}

interface Image {
  readonly server: string
  readonly name: string
  readonly tag: string
}

/** etcd and CoreDNS are left out: patch releases move their tags, and kubeadm's own list decides. */
const imagesFor = ({ host, inventory }: KinScope): readonly Image[] => {
  const { cluster } = inventory
  const exact = controlPlaneImages(cluster).filter((image) => image.endsWith(`:v${cluster.version.text}`))
  const wanted = host.roles.includes('master') ? exact : exact.filter((image) => image.includes('/kube-proxy:'))
  return [...wanted, pauseImage(cluster)].map(parseImage)
}

/** `10.0.0.1:5000/k8s/pause:3.2`; without a host it is docker.io's. */
export const parseImage = (image: string): Image => {
  const [first = '', ...rest] = image.split('/')
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  const path = isHost ? rest.join('/') : image.includes('/') ? image : `library/${image}`
  const at = path.lastIndexOf(':')
  return { server: isHost ? first : 'docker.io', name: path.slice(0, at), tag: path.slice(at + 1) }
}

const askedImage = (cluster: Cluster, image: Image) =>
  map(see(imageAnswer(imageQuestion(cluster, image))), (answer) => ({ image, answer }))

export const imageQuestion = ({ registries, proxy }: Cluster, { server, name, tag }: Image): ImageQuestion => {
  const registry = registries.find(({ host }) => host === server)
  const scheme = registry?.transport === 'http' ? 'http' : 'https'
  const root = (host: string): string => {
    const url = /^https?:\/\//.test(host) ? host.replace(/\/$/, '') : `${scheme}://${host}`
    return /\/v2(\/|$)/.test(url) ? url : `${url}/v2`
  }
  return {
    servers: [...(registry?.mirrors ?? []), serverHost(server)].map(root),
    name,
    tag,
    tls: registry === undefined || (registry.transport === 'https' && registry.ca === null) ? 'verified' : 'unverified',
    way: proxy,
  }
}

export const imageProblems = (
  found: readonly { readonly image: Image; readonly answer: ImageAnswer }[],
): readonly Problem[] =>
  [...new Set(found.map(({ image }) => image.server))].flatMap((server) => {
    const ofServer = found.filter(({ image }) => image.server === server)
    const silent = ofServer.flatMap(({ answer }) => (answer.kind === 'silent' ? [answer.why] : []))
    if (silent.length > 0)
      return [
        failure(
          `the registry ${server} does not answer: ${silent[0]}`,
          'Check imageRepository and registries in the inventory (plain HTTP must be said there), and the way there.',
        ),
      ]
    const missing = ofServer.filter(({ answer }) => answer.kind === 'missing')
    if (missing.length === 0) return []
    const names = missing.map(({ image }) => `${image.name}:${image.tag}`).join(', ')
    return [
      failure(
        `the registry ${server} does not have ${names}`,
        'Push them there, or correct imageRepository and version in the inventory.',
      ),
    ]
  })
