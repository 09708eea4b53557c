// Whether there is one YAML mapping to look into at all.
import type { YamlFile } from '../text/yaml.js'
import { mistake, type Problem } from './problem.js'

/** null: there is; a list, possibly empty beside the syntax mistakes: there is not. */
export const documentProblems = ({ value, mistakes }: YamlFile): readonly Problem[] | null => {
  if (value === undefined && mistakes.length > 0) return []
  if (value === null || value === undefined) {
    const hint = 'Write a first inventory with `khactl init`, or start from inventory.example.yaml.'
    return [mistake('empty', { path: [], message: 'The inventory is empty', hint })]
  }
  if (typeof value === 'object' && !Array.isArray(value)) return null
  const found = Array.isArray(value) ? 'a list' : 'a single value'
  const hint = 'It begins with `apiVersion: khactl/v1`, then `cluster:`, `haproxy:`, `masters:` and `workers:`.'
  return [mistake('type', { path: [], message: `The inventory has to be a mapping, not ${found}`, hint })]
}
