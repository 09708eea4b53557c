// `cluster.cni` — the network plugin.
import * as z from 'zod'
import { text } from './leaf.js'
import { cniVersionFault } from './versions.js'

const cniPlugin = z
  .strictObject({
    calico: text(
      { description: 'Calico of this version, from its released manifest.', example: 'v3.28.0' },
      cniVersionFault,
    ).optional(),
    flannel: text(
      { description: 'Flannel of this version, from its released manifest.', example: 'v0.25.1' },
      cniVersionFault,
    ).optional(),
    manifest: text({
      description: 'Any manifest: a file, or a URL that is fetched once and cached.',
      example: './cni.yaml',
    }).optional(),
  })
  .superRefine((cni, ctx) => {
    const given = Object.keys(cni)
    if (given.length === 1) return
    const message =
      given.length === 0 ? 'no network plugin is named' : `more than one network plugin is named: ${given.join(', ')}`
    const hint = 'Write one of { calico: v3.28.0 }, { flannel: v0.25.1 }, { manifest: PATH-OR-URL }, or none.'
    ctx.addIssue({ code: 'custom', message, params: { code: 'cni', hint } })
  })
  .meta({ description: 'A network plugin: exactly one of these keys.', example: '{ calico: v3.28.0 }' })

export const cni = z.union([z.literal('none'), cniPlugin]).meta({
  description:
    'Network plugin; without one no node becomes Ready, so there is no default; `none` says that you install it yourself',
  example: '{ calico: v3.28.0 }',
})

export type CniEntry = z.output<typeof cni>
