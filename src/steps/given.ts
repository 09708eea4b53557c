// A step that is meant only for some hosts, told by a look: this family, this state. Elsewhere it has nothing to do.
import type { Look } from '../model/look.js'
import type { Intent, Step } from '../model/step.js'

const nothing: Intent = { changes: [], problems: [], apply: () => Promise.resolve() }

/** Condition and step are asked for in the same request. */
export const given = (condition: Look<boolean>, step: Step): Step => ({
  ...step,
  look: {
    read: (sight) => {
      const met = condition.read(sight)
      const own = step.look.read(sight)
      if (met.status === 'needs') return own.status === 'needs' ? { ...met, facts: [...met.facts, ...own.facts] } : met
      if (met.status !== 'known') return met
      return met.state ? own : { status: 'known', state: nothing }
    },
  },
})
