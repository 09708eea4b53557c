// `cluster.packages` — where the hosts get kubeadm, kubelet, kubectl and, if need be, everything else from.
import * as z from 'zod'
import { urlFault } from './addresses.js'
import { text, word } from './leaf.js'

const repositoryName = (value: string) =>
  /^[a-z0-9][-a-z0-9_.]*$/.test(value)
    ? null
    : {
        code: 'repository-name',
        message: `\`${value}\` cannot name a repository: it becomes part of a file name`,
        hint: 'Write something like `kubernetes`.',
      }

const common = {
  name: text(
    { description: 'Name of the repository; the file on the host is named after it.', example: 'kubernetes' },
    repositoryName,
  ),
  url: text({ description: 'Address of the repository.', example: 'https://mirror.example/kubernetes' }, urlFault),
  key: text({
    description: 'Public key that signs the repository: a file, or a URL that is fetched once and cached.',
    example: './kubernetes.asc',
  }),
}

const apt = z
  .strictObject({
    ...common,
    suite: text({ description: 'Suite; `/` for a flat repository.', example: 'stable' }),
    components: z
      .array(text({ description: 'Component.', example: 'main' }))
      .meta({ description: 'Components; empty for a flat repository.', example: '[main]' })
      .optional(),
  })
  .meta({
    description: 'A repository for hosts with apt.',
    example: '{ name: kubernetes, url: "https://…", suite: stable, components: [main], key: ./kubernetes.asc }',
  })

const dnf = z.strictObject(common).meta({
  description: 'A repository for hosts with dnf or yum.',
  example: '{ name: kubernetes, url: "https://…", key: ./kubernetes.asc }',
})

export const packages = z
  .strictObject({
    source: word(['repository', 'directory', 'host'], {
      description:
        'repository: these repositories are set up; directory: package files are sent and installed; host: the repositories that the hosts have hold everything.',
      example: 'repository',
      otherwise: 'directory where `directory` is given, else repository',
    }).optional(),
    apt: z
      .array(apt)
      .meta({
        description: 'Repositories for hosts with apt. Without any in `apt` and `dnf`: pkgs.k8s.io for the version.',
        example: '[]',
      })
      .optional(),
    dnf: z.array(dnf).meta({ description: 'Repositories for hosts with dnf or yum.', example: '[]' }).optional(),
    directory: text({
      description: 'Folder with .deb or .rpm files on this machine (source: directory).',
      example: './packages',
    }).optional(),
  })
  .meta({ description: 'Where packages come from.', example: '{ source: repository }' })

export type PackagesEntry = z.output<typeof packages>
