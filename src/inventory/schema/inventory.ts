// The whole inventory file as a schema. It has no defaults and no transforms: build.ts applies those.
import * as z from 'zod'
import { cluster } from './cluster.js'
import { host } from './host.js'
import { ssh } from './ssh.js'

const apiVersion = 'khactl/v1'

const hosts = (description: string, example: string) => z.array(host).meta({ description, example })

export const inventoryFile = z
  .strictObject({
    apiVersion: z.literal(apiVersion).meta({ description: 'Version of this file format.', example: apiVersion }),
    cluster,
    ssh: ssh.optional(),
    haproxy: hosts(
      'Hosts that carry the virtual IP and haproxy; two or more for high availability.',
      '[{ name: haproxy-1, address: 10.0.0.11 }]',
    ),
    masters: hosts('Control-plane hosts; an odd number.', '[{ name: master-1, address: 10.0.0.21 }]'),
    workers: hosts('Worker hosts.', '[{ name: worker-1, address: 10.0.0.31 }]').optional(),
  })
  .meta({ title: 'khactl inventory', description: 'A highly available Kubernetes cluster and its hosts.' })

export type InventoryFile = z.output<typeof inventoryFile>
export const lists = ['haproxy', 'masters', 'workers'] as const
export type ListName = (typeof lists)[number]
