// Looks into the schema: what is known about the part at a path, and where a key belongs.
import type * as z from 'zod'
import type { YamlPath } from '../../text/yaml.js'
import { inventoryFile } from './inventory.js'
import type { Known } from './leaf.js'

type Schema = z.core.$ZodType

/** The keys of a mapping, or null where any key may stand (and for what is no mapping). */
export const keysOf = (schema: Schema): Readonly<Record<string, Schema>> | null => {
  const inner = core(schema)
  if (inner.def.type === 'object') return (inner as z.ZodObject).shape
  if (inner.def.type !== 'union') return null
  const mappings = (inner as z.ZodUnion).options.map(keysOf).filter((keys) => keys !== null)
  return mappings.length === 0 ? null : Object.assign({}, ...mappings)
}

/** What stands in a list, or null. */
const itemOf = (schema: Schema): Schema | null => {
  const inner = core(schema)
  if (inner.def.type === 'array') return (inner as z.ZodArray).element
  if (inner.def.type !== 'union') return null
  return (inner as z.ZodUnion).options.map(itemOf).find((item) => item !== null) ?? null
}

export const schemaAt = (path: YamlPath): Schema | null =>
  path.reduce<Schema | null>((schema, part) => {
    if (schema === null) return null
    return typeof part === 'number' ? itemOf(schema) : (keysOf(schema)?.[part] ?? null)
  }, inventoryFile)

export const knownAt = (path: YamlPath): Known => {
  const schema = schemaAt(path)
  return schema === null ? {} : ((core(schema).meta() ?? {}) as Known)
}

/** Every path of keys in the schema; a list adds no part: `masters.name`. */
export const allKeyPaths = (
  schema: Schema = inventoryFile,
  above: readonly string[] = [],
): readonly (readonly string[])[] =>
  Object.entries(keysOf(schema) ?? {}).flatMap(([key, value]) => {
    const path = [...above, key]
    return [path, ...allKeyPaths(itemOf(value) ?? value, path)]
  })

const core = (schema: Schema): z.ZodType => {
  const zod = schema as z.ZodType
  return zod.def.type === 'optional' ? core((zod as z.ZodOptional).unwrap()) : zod
}
