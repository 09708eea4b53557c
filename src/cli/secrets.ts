// Every secret value an inventory holds, for the second net under the outputs.
import { isSecret, type Secret } from '../model/command.js'

export const secretsOf = (value: unknown): readonly Secret[] => {
  if (isSecret(value)) return [value]
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return []
  return Object.values(value).flatMap(secretsOf)
}
