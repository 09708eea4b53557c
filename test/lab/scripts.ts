// The shell scripts of the lab, copied to its state: a shell reads while it runs, and the checkout may change under it.

import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Paths } from './paths.js'

export function installScripts(paths: Paths): void {
  for (const script of ['supervise.sh', 'cgroup.sh']) {
    const to = join(paths.state, script)
    if (!existsSync(to)) cpSync(new URL(script, import.meta.url), to)
  }
}
