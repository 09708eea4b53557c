// A node that is to leave the cluster.
import type { Joiner } from '../cleanup.js'

export interface Leaver extends Joiner {
  /** `dead`: gone for good; everything is done through the cluster's leader, and nothing on the host. */
  readonly reach: 'reached' | 'dead'
}
