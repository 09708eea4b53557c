// One entry of `haproxy:`, `masters:` or `workers:` — a host, or a range of hosts.
import * as z from 'zod'
import { addressFault, ipv4OrRangeFault } from './addresses.js'
import { settings, text, word } from './leaf.js'
import { hostNameFault, interfaceFault, labelValueFault, taintFault } from './names.js'
import { ssh } from './ssh.js'

const labels = z
  .record(z.string(), text({ description: 'Value of the label.', example: 'a' }, labelValueFault))
  .meta({ description: 'Labels of the Node.', example: '{ zone: a }' })

export const host = z
  .strictObject({
    name: text(
      {
        description: 'Name of the host and of its Kubernetes node; a range like worker-[01:20] stands for many.',
        example: 'master-1',
      },
      hostNameFault,
    ),
    address: text(
      {
        description: 'Address or name that SSH connects to; with a range like 10.0.0.[21:40] if the name has one.',
        example: '10.0.0.21',
      },
      addressFault,
    ),
    nodeIP: text(
      {
        description: 'Address that the cluster uses for this host, when SSH uses another one.',
        example: '192.168.0.21',
        otherwise: 'the address',
      },
      ipv4OrRangeFault,
    ).optional(),
    interface: text(
      {
        description: 'Network interface that carries the virtual IP (haproxy hosts).',
        example: 'eth1',
        otherwise: 'the one that has nodeIP',
      },
      interfaceFault,
    ).optional(),
    labels: labels.optional(),
    taints: z
      .array(text({ description: 'A taint.', example: 'dedicated=db:NoSchedule' }, taintFault))
      .meta({
        description: 'Taints of the Node, as `kubectl taint` takes them.',
        example: '["dedicated=db:NoSchedule"]',
      })
      .optional(),
    ssh: ssh.optional(),
    kubeletConfiguration: settings(
      'KubeletConfiguration of this host, merged over that of the cluster.',
      '{ maxPods: 200 }',
    ).optional(),
    state: word(['present', 'absent', 'dead'], {
      description:
        'absent: the host leaves the cluster; dead: it is gone for good and is not asked. khactl remove writes it before the first change, up finishes the removal, and the entry is deleted after the last.',
      example: 'present',
      otherwise: 'present',
    }).optional(),
  })
  .meta({ description: 'A host, or a range of hosts.', example: '{ name: master-1, address: 10.0.0.21 }' })

export type HostEntry = z.output<typeof host>
