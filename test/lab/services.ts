// The servers of the controller: package repositories and the image registry.

import type { Paths } from './paths.js'
import type { System } from './profiles.js'

export interface Services {
  readonly www: readonly (readonly [name: string, folder: string])[]
}

export async function prepareServices(system: System): Promise<Services> {
  throw new Error(`not yet: ${system}`)
}

export async function startServices(paths: Paths, services: Services): Promise<void> {
  void paths
  void services
}
