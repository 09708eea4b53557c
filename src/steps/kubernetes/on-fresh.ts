// What a cluster that is still to be made will look like, so that a plan on bare hosts says what it will get.
import { known } from '../../model/fact.js'
import type { Look } from '../../model/look.js'

/** `fresh` stands for what is unknown until the cluster exists; null: it exists, and nothing is assumed. */
export const onFresh = <S>(look: Look<S>, fresh: S | null): Look<S> =>
  fresh === null
    ? look
    : {
        read: (sight) => {
          const reading = look.read(sight)
          return reading.status === 'unknown' ? known(fresh) : reading
        },
      }
