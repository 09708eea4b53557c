// The inventory's JSON Schema, for editors. It holds less than `khactl validate` checks: nothing across values, no files.
import * as z from 'zod'
import { inventoryFile } from './schema/inventory.js'

export const jsonSchema = (): object =>
  z.toJSONSchema(inventoryFile, {
    io: 'input',
    target: 'draft-7',
    override: ({ jsonSchema: schema }) => {
      const { example } = schema as { example?: unknown }
      if (
        example !== undefined &&
        typeof schema.type === 'string' &&
        schema.type !== 'object' &&
        schema.type !== 'array'
      ) {
        schema.examples = [example]
      }
      for (const own of ['example', 'notYet', 'secret', 'asks']) delete (schema as Record<string, unknown>)[own]
    },
  })
