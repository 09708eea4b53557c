// The keys of labels; their values are checked by the schema.
import type { Subject } from '../subject.js'
import { mistake, pathText, type Problem } from '../problem.js'
import { lists } from '../schema/inventory.js'
import { labelKeyFault } from '../schema/names.js'

export const labelProblems = ({ draft }: Subject): readonly Problem[] =>
  lists.flatMap((list) =>
    (draft[list] ?? []).flatMap((entry, index) =>
      Object.keys(entry?.labels ?? {}).flatMap((key) => {
        const path = [list, index, 'labels', key]
        const fault = labelKeyFault(key)
        if (fault === null) return []
        return [
          mistake(fault.code, {
            path,
            at: 'key',
            message: `${pathText(path.slice(0, -1))}: ${fault.message}`,
            hint: fault.hint,
          }),
        ]
      }),
    ),
  )
