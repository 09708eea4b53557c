// `cluster.containerd` and `cluster.os` — settings of the hosts.
import * as z from 'zod'
import { flag, text, word } from './leaf.js'

const absoluteFault = (value: string) =>
  value.startsWith('/') && !value.includes('/../')
    ? null
    : {
        code: 'path',
        message: `\`${value}\` is not an absolute path`,
        hint: 'It is a folder on the hosts: write something like `/var/lib/containerd`.',
      }

export const containerd = z
  .strictObject({
    package: text({
      description: "Package name: `containerd`, or `containerd.io` from Docker's repositories.",
      example: 'containerd',
      otherwise: 'containerd',
    }).optional(),
    version: text({
      description: 'Exact version of the package.',
      example: '1.6.20~ds1-1+deb12u1',
      otherwise: "the repository's newest at the first installation, held from then on",
    }).optional(),
    pauseImage: text({
      description: 'Sandbox image.',
      example: 'registry.k8s.io/pause:3.9',
      otherwise: 'the one kubeadm names for this version',
    }).optional(),
    restrictOomScoreAdj: flag({
      description: 'For hosts that may not lower oom_score_adj (containers, some virtual machines).',
      otherwise: 'false',
    }).optional(),
    dataRoot: text(
      {
        description: 'Folder of images and containers.',
        example: '/var/lib/containerd',
        otherwise: '/var/lib/containerd',
      },
      absoluteFault,
    ).optional(),
    extra: text({ description: 'TOML appended to config.toml.', example: '[debug]' }).optional(),
  })
  .meta({ description: 'Settings of containerd.', example: '{ restrictOomScoreAdj: true }' })

export const os = z
  .strictObject({
    hostsFile: word(['manage', 'leave'], {
      description: 'Whether khactl keeps the names of all hosts in a block of its own in /etc/hosts.',
      example: 'manage',
      otherwise: 'manage',
    }).optional(),
    time: word(['chrony', 'timesyncd', 'leave'], {
      description: 'Time service that is set up where none runs.',
      example: 'chrony',
      otherwise: 'chrony',
    }).optional(),
    firewall: word(['open', 'leave', 'disable'], {
      description:
        "What happens to a running firewalld or ufw: the role's ports are opened, nothing, or it is switched off.",
      example: 'open',
      otherwise: 'open',
    }).optional(),
    selinux: word(['leave', 'permissive', 'enforcing'], {
      description: 'Mode of SELinux.',
      example: 'leave',
      otherwise: 'leave',
    }).optional(),
    sysctls: z
      .record(z.string(), z.union([z.string(), z.number()]))
      .meta({ description: 'More sysctls beside those Kubernetes needs.', example: '{ vm.max_map_count: 262144 }' })
      .optional(),
    modules: z
      .array(text({ description: 'Kernel module.', example: 'nf_conntrack' }))
      .meta({ description: 'More kernel modules beside those Kubernetes needs.', example: '[nf_conntrack]' })
      .optional(),
  })
  .meta({ description: 'Settings of the operating system.', example: '{ time: chrony }' })
