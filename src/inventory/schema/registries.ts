// How nodes reach the world: registries and the proxy.
import * as z from 'zod'
import { registryHostFault, urlFault } from './addresses.js'
import { flag, text } from './leaf.js'
import { secretRef } from './secret-ref.js'

export const registry = z
  .strictObject({
    host: text({ description: 'Registry as it stands in image names.', example: '10.0.0.1:5000' }, registryHostFault),
    mirrors: z
      .array(text({ description: 'URL of a mirror.', example: 'https://mirror.example' }, urlFault))
      .meta({ description: 'URLs that are asked first, in this order.', example: '["https://mirror.example"]' })
      .optional(),
    plainHttp: flag({ description: 'The registry speaks plain HTTP.', otherwise: 'false' }).optional(),
    skipVerify: flag({ description: 'Take any certificate of the registry.', otherwise: 'false' }).optional(),
    ca: text({ description: 'File with the CA of the registry.', example: './registry-ca.crt' }).optional(),
    credentials: z
      .strictObject({
        user: text({ description: 'User at the registry.', example: 'robot' }),
        password: secretRef('Password at the registry, by reference.'),
      })
      .meta({ description: 'Login at the registry.', example: '{ user: robot, password: { env: REGISTRY_PASSWORD } }' })
      .optional(),
  })
  .meta({ description: 'How nodes talk to a registry.', example: '{ host: "10.0.0.1:5000", plainHttp: true }' })

export const proxy = z
  .strictObject({
    http: text({ description: 'Proxy for http:// URLs.', example: 'http://proxy.example:3128' }, urlFault).optional(),
    https: text({ description: 'Proxy for https:// URLs.', example: 'http://proxy.example:3128' }, urlFault).optional(),
    noProxy: z
      .array(text({ description: 'Name, address or subnet.', example: '.example' }))
      .meta({
        description: 'More that goes without the proxy; hosts, VIP, subnets and registries are always in the list.',
        example: '[.example]',
      })
      .optional(),
  })
  .superRefine((proxies, ctx) => {
    if (proxies.http !== undefined || proxies.https !== undefined) return
    const hint = 'Add `https: "http://proxy.example:3128"`, or remove `proxy`.'
    ctx.addIssue({ code: 'custom', message: 'no proxy is named', params: { code: 'proxy', hint } })
  })
  .meta({
    description: 'Proxy for package managers and containerd.',
    example: '{ https: "http://proxy.example:3128" }',
  })
