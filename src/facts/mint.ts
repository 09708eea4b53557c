// The only place where a command becomes read-only: facts/ vouches that it changes nothing on the host, caches included.
import type { Command, ReadOnly } from '../model/command.js'

export const readOnly = (command: Command): ReadOnly => command as ReadOnly
