// khactl schema: the JSON Schema of the inventory, for editors.
import { jsonSchema } from '../../inventory/json-schema.js'
import { exitCodes } from '../../model/error.js'
import type { Io } from '../io.js'

export const schema = (io: Io): number => {
  io.stdout.write(`${JSON.stringify(jsonSchema(), null, 2)}\n`)
  return exitCodes.ok
}
