// A systemd unit: starts at boot or not, runs or not, and runs with the files it reads as they are wanted.
import type { StepId } from '../model/fact.js'
import type { Step } from '../model/step.js'

/** A file the unit reads when it starts, as it is wanted: the plan knows of the restart before the file is written. */
export interface UnitRead {
  readonly path: string
  /** Of the wanted content, lower-case hexadecimal. */
  readonly sha256: string
}

export interface UnitWanted {
  /** `haproxy`, `dev-sda2.swap`; without a suffix a service is meant. */
  readonly name: string
  /** `any`: left as it is. */
  readonly boot: 'enabled' | 'disabled' | 'masked' | 'any'
  readonly run: 'running' | 'stopped' | 'any'
  readonly reads?: readonly UnitRead[]
  readonly onChange?: 'restart' | 'reload'
  readonly after?: readonly StepId[]
  readonly title?: string
}

export const unit = (wanted: UnitWanted): Step => {
  throw new Error(`not built yet: unit ${wanted.name}`)
}
