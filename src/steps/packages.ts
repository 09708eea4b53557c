// Packages in exact versions, held against upgrades behind our back, installed by one apt-get or dnf in a transient unit.
import type { StepId } from '../model/fact.js'
import type { PackageSource } from '../model/inventory.js'
import type { Step } from '../model/step.js'

export interface PackageWanted {
  readonly name: string
  /**
   * `1.20.2` matches every revision of that upstream version (1.20.2-00, 0:1.20.2-0); the newest is taken. A whole package
   * version matches itself. null: any installed one will do, the newest available is installed otherwise.
   */
  readonly version: string | null
}

export interface PackagesWanted {
  /** `packages:haproxy` */
  readonly id: StepId
  readonly title: string
  readonly want: readonly PackageWanted[]
  /** `hold`: apt-mark hold, or dnf's versionlock. `free`: left as it is. */
  readonly hold: 'hold' | 'free'
  readonly source: PackageSource
  readonly after?: readonly StepId[]
}

export const packages = (wanted: PackagesWanted): Step => {
  throw new Error(`not built yet: ${wanted.id}`)
}
