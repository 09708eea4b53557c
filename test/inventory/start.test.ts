// What `khactl init` and `khactl schema` give.
import { describe, expect, it } from 'vitest'
import { jsonSchema } from '../../src/inventory/json-schema.js'
import { loadInventory } from '../../src/inventory/load.js'
import { startingInventory, type StartFlags } from '../../src/inventory/start.js'
import { diagnosticsText } from '../../src/text/diagnostics.js'
import { makeLab, surroundingsOf } from './lab.js'

const flannel = 'https://github.com/flannel-io/flannel/releases/download/v0.25.1/kube-flannel.yml'

const loadStart = async (flags: StartFlags) => {
  const lab = await makeLab()
  const file = await lab.write('inventory.yaml', startingInventory(flags))
  return loadInventory(surroundingsOf(lab, file, { [flannel]: '"Network": "10.244.0.0/16"\n' }))
}

describe('a starting inventory', () => {
  it.each<[string, StartFlags]>([
    ['no flags', {}],
    [
      'all flags',
      {
        name: 'prod',
        version: '1.31.2',
        vip: '10.1.0.9',
        haproxy: ['lb=10.1.0.1', '10.1.0.2'],
        masters: ['10.1.0.3'],
        workers: ['10.1.0.4'],
        cni: './cni.yaml',
        user: 'ubuntu',
        key: './id_ed25519',
      },
    ],
    [
      'haproxy on masters',
      { haproxy: ['10.0.0.21', '10.0.0.22'], masters: ['10.0.0.21', '10.0.0.22', '10.0.0.23'], cni: 'none' },
    ],
    ['ranges', { workers: ['worker-[01:20]=10.0.0.[31:50]'], cni: 'none' }],
  ])('from %s loads without errors or warnings', async (_, flags) => {
    const { inventory, diagnostics } = await loadStart(flags)
    expect(diagnosticsText(diagnostics)).toBe('')
    expect(inventory).not.toBeNull()
  })

  it('reads like this', () => {
    expect(startingInventory({ haproxy: ['10.0.0.21'], masters: ['10.0.0.21'], key: '~/.ssh/id' })).toMatchSnapshot()
  })

  it('asks for the node IP of a host that is given by name', () => {
    expect(startingInventory({ masters: ['m1.example'] })).toContain(
      '{ name: master-1, address: m1.example, nodeIP: FILL-IN }',
    )
  })
})

describe('the JSON Schema', () => {
  interface Part {
    readonly properties: Readonly<Record<string, Part>>
    readonly required: readonly string[]
    readonly enum: readonly string[]
  }
  const schema = jsonSchema() as Part

  it('is draft 7, and demands only what has no default', () => {
    expect(schema).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      additionalProperties: false,
    })
    expect(schema.required).toEqual(['apiVersion', 'cluster', 'haproxy', 'masters'])
    expect(schema.properties['cluster']?.required).toEqual(['name', 'version', 'endpoint', 'cni'])
  })

  it('says what each key means, with bounds and words', () => {
    const { port, kind } = schema.properties['cluster']?.properties['endpoint']?.properties ?? {}
    expect(port).toEqual({
      type: 'integer',
      minimum: 1,
      maximum: 65535,
      examples: [6443],
      description: expect.stringContaining('Default: 6443.') as string,
    })
    expect(kind?.enum).toEqual(['haproxy'])
    expect(JSON.stringify(schema)).not.toMatch(/"(notYet|secret|example)":/)
  })
})
