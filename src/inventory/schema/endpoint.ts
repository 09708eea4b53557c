// `cluster.endpoint` — where clients and nodes find the API. A tagged union; `haproxy` is the kind that is built.
import * as z from 'zod'
import { ipv4Fault } from './addresses.js'
import { integer, text, word } from './leaf.js'
import { dnsNameFault, interfaceFault } from './names.js'
import { secretRef } from './secret-ref.js'

const port = { from: 1, to: 65535 }

const endpointKindsNotYet = {
  external: 'a load balancer of your own in front of the masters',
  local: 'a load balancer on every node that nodes reach on 127.0.0.1',
  'kube-vip': 'a virtual IP carried by kube-vip pods on the masters',
  lvs: 'keepalived with LVS instead of haproxy',
}

const keepalived = z
  .strictObject({
    advertSeconds: integer({
      description: 'Seconds between VRRP advertisements; three lost ones move the virtual IP.',
      example: 1,
      otherwise: '1',
      from: 1,
      to: 255,
    }).optional(),
    password: secretRef(
      'VRRP password, 8 characters at most. It travels in clear text and adds little. Default: none.',
    ).optional(),
  })
  .meta({ description: 'Settings of keepalived.', example: '{ advertSeconds: 1 }' })

const haproxy = z
  .strictObject({
    maxConnections: integer({
      description: 'Connections that haproxy takes at once.',
      example: 8000,
      otherwise: '8000',
      from: 100,
      to: 1_000_000,
    }).optional(),
    hardStopAfterSeconds: integer({
      description: 'Seconds that old haproxy processes keep their sessions after a reload.',
      example: 600,
      otherwise: '600',
      from: 1,
      to: 86_400,
    }).optional(),
    monitorPort: integer({
      description: "Port on 127.0.0.1 where haproxy answers keepalived's check.",
      example: 8404,
      otherwise: '8404',
      ...port,
    }).optional(),
    timeoutSeconds: integer({
      description:
        'Idle time after which client, server and tunnel connections are cut; `kubectl logs -f` needs a long one.',
      example: 14_400,
      otherwise: '14400 (4 hours)',
      from: 60,
      to: 604_800,
    }).optional(),
    extra: text({ description: 'Lines appended to haproxy.cfg as they are.', example: 'listen stats' }).optional(),
  })
  .meta({ description: 'Settings of haproxy.', example: '{ maxConnections: 8000 }' })

export const endpoint = z
  .strictObject({
    kind: word(['haproxy'], {
      description:
        'Kind of the endpoint; haproxy stands for haproxy and keepalived with a virtual IP on the haproxy hosts.',
      example: 'haproxy',
      notYet: endpointKindsNotYet,
    }),
    vip: text(
      { description: 'Virtual IP: a free address in the subnet of the haproxy hosts.', example: '10.0.0.100' },
      ipv4Fault,
    ),
    vipPrefix: integer({
      description:
        'Prefix length of the subnet that the virtual IP shares with the haproxy hosts; also its length on the interface.',
      example: 24,
      otherwise: '32 on the interface, and a guess of /24 when the inventory is checked',
      from: 8,
      to: 32,
    }).optional(),
    port: integer({
      description: 'Port of the API at the virtual IP; not 6443 when a haproxy host is a master too.',
      example: 6443,
      otherwise: '6443',
      ...port,
    }).optional(),
    dnsName: text(
      {
        description: 'DNS name of the API, for certificates, /etc/hosts and kubeconfigs. It cannot be changed later.',
        example: 'api.lab.example',
        otherwise: 'none, the virtual IP is the endpoint',
      },
      dnsNameFault,
    ).optional(),
    interface: text(
      {
        description: 'Network interface that carries the virtual IP, where it has the same name on all haproxy hosts.',
        example: 'eth1',
        otherwise: "the one that has the host's nodeIP",
      },
      interfaceFault,
    ).optional(),
    routerId: integer({
      description: 'VRRP virtual router id; must be unique in the network.',
      example: 51,
      otherwise: 'derived from cluster name and virtual IP',
      from: 1,
      to: 255,
    }).optional(),
    keepalived: keepalived.optional(),
    haproxy: haproxy.optional(),
  })
  .meta({ description: 'Where clients and nodes find the API.', example: '{ kind: haproxy, vip: 10.0.0.100 }' })
