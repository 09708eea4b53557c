// Files and folders of this machine that the cluster part names.
import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { YamlPath } from '../../text/yaml.js'
import { noManifest } from '../cni.js'
import { noKey, sourceOf } from '../package-source.js'
import { mistake, type Problem } from '../problem.js'
import type { PackagesEntry } from '../schema/packages.js'
import { isUrl } from '../schema/addresses.js'
import type { Draft } from '../shape.js'
import { pathIn, type Surroundings } from '../surroundings.js'

export const fileProblems = async (surroundings: Surroundings, { cluster }: Draft): Promise<readonly Problem[]> => {
  const { cni, packages, registries = [], kubeconfig } = cluster ?? {}
  const keys = (['apt', 'dnf'] as const).flatMap((list) =>
    (packages?.[list] ?? []).map((entry, index) => ({
      path: ['cluster', 'packages', list, index, 'key'],
      key: entry?.key,
    })),
  )
  const found = await Promise.all([
    manifestProblem(surroundings, typeof cni === 'object' ? cni.manifest : undefined),
    ...keys.map(async ({ path, key }) => {
      const file = pathIn(surroundings, key ?? '')
      return key === undefined || isUrl(key) || (await readable(file)) ? null : noKey({ path, file })
    }),
    ...registries.map((registry, index) =>
      caProblem(surroundings, { path: ['cluster', 'registries', index, 'ca'], ca: registry?.ca }),
    ),
    packageFolder(
      surroundings,
      sourceOf(packages as PackagesEntry | undefined) === 'directory' ? packages?.directory : undefined,
    ),
    kubeconfigFolder(surroundings, typeof kubeconfig === 'object' ? kubeconfig.file : undefined),
  ])
  return found.flatMap((problem) => problem ?? [])
}

const manifestProblem = async (surroundings: Surroundings, manifest: string | undefined): Promise<Problem | null> => {
  const file = pathIn(surroundings, manifest ?? '')
  return manifest === undefined || isUrl(manifest) || (await readable(file)) ? null : noManifest(file)
}

const readable = async (file: string): Promise<boolean> =>
  readFile(file).then(
    () => true,
    () => false,
  )

const caProblem = async (
  surroundings: Surroundings,
  { path, ca }: { path: YamlPath; ca: string | undefined },
): Promise<Problem | null> => {
  if (ca === undefined) return null
  const file = pathIn(surroundings, ca)
  const text = await readFile(file, 'latin1').catch(() => null)
  if (text?.includes('-----BEGIN CERTIFICATE-----')) return null
  const message = text === null ? `The CA file ${file} cannot be read` : `${file} holds no certificate in PEM format`
  return mistake('registry-ca', {
    path,
    message,
    hint: 'Name a file that begins with `-----BEGIN CERTIFICATE-----`; the path is relative to the folder of the inventory.',
  })
}

const packageFolder = async (surroundings: Surroundings, directory: string | undefined): Promise<Problem | null> => {
  if (directory === undefined) return null
  const folder = pathIn(surroundings, directory)
  const names = await readdir(folder).catch(() => null)
  const path = ['cluster', 'packages', 'directory']
  if (names === null)
    return mistake('packages', {
      path,
      message: `The folder ${folder} cannot be read`,
      hint: 'Check the path; it is relative to the folder of the inventory.',
    })
  if (names.some((name) => /\.(deb|rpm)$/.test(name))) return null
  return mistake('packages', {
    path,
    message: `The folder ${folder} holds no .deb and no .rpm file`,
    hint: 'Put kubeadm, kubelet, kubectl and what they need into it.',
  })
}

const kubeconfigFolder = async (surroundings: Surroundings, file: string | undefined): Promise<Problem | null> => {
  if (file === undefined) return null
  const folder = dirname(pathIn(surroundings, file))
  const found = await stat(folder).catch(() => null)
  if (found?.isDirectory() === true) return null
  return mistake('kubeconfig', {
    path: ['cluster', 'kubeconfig', 'file'],
    message: `There is no folder ${folder} for the kubeconfig`,
    hint: `Make it: mkdir -p ${folder}`,
  })
}
