// Where khactl keeps its own files on the operator's machine.
import { join } from 'node:path'
import type { Io } from './io.js'

/** Fetched manifests and keys; may be deleted at any time. */
export const cacheFolder = ({ env, home }: Pick<Io, 'env' | 'home'>): string =>
  join(env['XDG_CACHE_HOME'] || join(home, '.cache'), 'khactl')

/** Logs of runs. */
export const stateFolder = ({ env, home }: Pick<Io, 'env' | 'home'>): string =>
  join(env['XDG_STATE_HOME'] || join(home, '.local', 'state'), 'khactl')
