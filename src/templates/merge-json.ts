// Lays the operator's configuration over what khactl renders.
import type { Json, JsonValue } from '../model/inventory.js'

/**
 * JSON merge patch (RFC 7396): objects are merged, everything else in `over` replaces what is below it, null removes.
 * The result shares no part with its inputs.
 */
export const mergeJson = (below: Json, over: Json): Json => {
  const result: Record<string, JsonValue> = structuredClone(below) as Record<string, JsonValue>
  for (const [key, value] of Object.entries(over)) {
    if (value === null) delete result[key]
    else if (isObject(value)) result[key] = mergeJson(asObject(result[key]), value)
    else result[key] = structuredClone(value)
  }
  return result
}

export const isObject = (value: JsonValue | undefined): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const asObject = (value: JsonValue | undefined): Json => (isObject(value) ? value : {})
