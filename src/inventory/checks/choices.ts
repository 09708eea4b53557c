// Keys that exclude or demand each other.
import type { Subject } from '../subject.js'
import { oldestInProjectRepositories, sourceOf } from '../package-source.js'
import { mistake, type Problem } from '../problem.js'
import type { PackagesEntry } from '../schema/packages.js'
import type { Draft } from '../shape.js'

export const choiceProblems = ({ draft }: Subject): readonly Problem[] => [
  ...packageKeys(draft),
  ...registryKeys(draft),
]

const packageKeys = ({ cluster }: Draft): readonly Problem[] => {
  const packages = cluster?.packages
  const source = sourceOf(packages as PackagesEntry | undefined)
  const at = (key: string) => ['cluster', 'packages', key]
  const lists = (['apt', 'dnf'] as const).filter((key) => (packages?.[key]?.length ?? 0) > 0)
  const minor = Number(/^v?1\.(\d+)\./.exec(cluster?.version ?? '')?.[1] ?? oldestInProjectRepositories)
  return [
    ...(source === 'directory' && packages?.directory === undefined
      ? [
          mistake('packages', {
            path: at('source'),
            message: '`source: directory` lacks the folder',
            hint: 'Add `directory: ./packages`, a folder with .deb or .rpm files.',
          }),
        ]
      : []),
    ...(source !== 'directory' && packages?.directory !== undefined
      ? [
          mistake('packages', {
            path: at('directory'),
            message: `\`directory\` means nothing with \`source: ${source}\``,
            hint: 'Write `source: directory`, or remove the key.',
          }),
        ]
      : []),
    ...(source === 'repository'
      ? []
      : lists.map((key) =>
          mistake('packages', {
            path: at(key),
            message: `\`${key}\` means nothing with \`source: ${source}\``,
            hint: 'Write `source: repository`, or remove the key.',
          }),
        )),
    ...(source === 'repository' && lists.length === 0 && minor < oldestInProjectRepositories
      ? [
          mistake('packages', {
            path: ['cluster', 'version'],
            message: `No package repository is given, and pkgs.k8s.io holds Kubernetes 1.${oldestInProjectRepositories} and newer only`,
            hint: 'Name a repository under `packages.apt` or `packages.dnf`, or a folder: `packages: { directory: ./packages }`.',
          }),
        ]
      : []),
  ]
}

const registryKeys = ({ cluster }: Draft): readonly Problem[] => {
  const registries = cluster?.registries ?? []
  return registries.flatMap((registry, index) => {
    const path = ['cluster', 'registries', index]
    const before = registries.findIndex((other) => other?.host === registry?.host)
    const tls = (['ca', 'skipVerify'] as const).filter(
      (key) => registry?.[key] !== undefined && registry[key] !== false,
    )
    return [
      ...(registry?.host !== undefined && before < index
        ? [
            mistake('duplicate-registry', {
              path: [...path, 'host'],
              other: ['cluster', 'registries', before, 'host'],
              message: `${registry.host} stands twice in \`registries\``,
              hint: 'Put the settings into one entry.',
            }),
          ]
        : []),
      ...(registry?.plainHttp === true
        ? tls.map((key) =>
            mistake('registry', {
              path: [...path, key],
              message: `\`${key}\` is about TLS, and \`plainHttp\` says there is none`,
              hint: 'Remove one of the two.',
            }),
          )
        : []),
    ]
  })
}
