// What the site's administrators configured on every host before khactl comes: the base package repository.

import type { Paths } from './paths.js'
import { controllerOf, type System } from './profiles.js'

export const httpPort = 8080
export const registryPort = 5000

export const siteUrl = (lab: string, path: string): string => `http://${controllerOf(lab)}:${httpPort}/${path}`

export function siteFiles(paths: Paths, system: System): (readonly [string, string])[] {
  void paths
  void system
  return []
}
