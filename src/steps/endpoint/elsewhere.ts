// The same look or step, but of another host: what is asked of `self` is asked there, and applied there.
import type { HostName } from '../../model/host.js'
import type { Look } from '../../model/look.js'
import type { Step } from '../../model/step.js'

export const lookElsewhere = <S>(host: HostName, look: Look<S>): Look<S> => ({
  read: (sight) => {
    const reading = look.read({
      get: (fact) => sight.get(fact.at === 'self' ? { ...fact, at: { host } } : fact),
    })
    if (reading.status !== 'needs') return reading
    return { ...reading, facts: reading.facts.map((fact) => (fact.at === 'self' ? { ...fact, at: { host } } : fact)) }
  },
})

export const stepElsewhere = (host: HostName, step: Step): Step => ({
  ...step,
  writes: step.writes.map((ref) => (ref === 'self' ? { host } : ref)),
  look: lookElsewhere(host, {
    read: (sight) => {
      const reading = step.look.read(sight)
      if (reading.status !== 'known') return reading
      const intent = reading.state
      return {
        ...reading,
        state: {
          ...intent,
          apply: async (at) =>
            intent.apply({ self: await at.at({ host }), at: (ref) => at.at(ref === 'self' ? { host } : ref) }),
        },
      }
    },
  }),
})
