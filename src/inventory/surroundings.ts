// What loading an inventory needs from outside: injected, so that tests and other programs decide it.
import { isAbsolute, join, resolve } from 'node:path'

export interface Surroundings {
  /** Inventory file, relative to the working directory or absolute. */
  readonly file: string
  /** In place of the file's: what it will say once it is written. */
  readonly text?: string | undefined
  /** For `{ env: NAME }`. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** What `~` stands for. */
  readonly home: string
  /** Folder for what is fetched (network plugin manifests, repository keys); made when needed. */
  readonly cacheDir: string
  /** In place of ~/.ssh/config, for `ssh: { config: use }`. */
  readonly sshConfig?: string
  /** Default: node's. */
  readonly fetch?: typeof fetch
}

/** A path of the inventory: relative to its folder, `~` is home. */
export const pathIn = ({ file, home }: Pick<Surroundings, 'file' | 'home'>, path: string): string => {
  if (path === '~' || path.startsWith('~/')) return join(home, path.slice(1))
  return isAbsolute(path) ? path : resolve(file, '..', path)
}
