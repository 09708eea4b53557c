// The accounts of an odd host: the files of /etc, and what lies in a home.
import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Oddity, User } from './oddity.js'

const firstId = 1000

/** Written into the host's own layer, over what the shared root file system has. */
export function makeAccounts(upper: string, { rootfs, odd }: { readonly rootfs: string; readonly odd: Oddity }): void {
  if (odd.users.length === 0 && odd.rootPassword === null) return
  const add = (name: string, mode: number, text: (before: string) => string): void => {
    const file = join(upper, 'etc', name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text(readFileSync(join(rootfs, 'etc', name), 'utf8')), { mode })
  }
  const lines = (line: (user: User, id: number) => string): string =>
    odd.users.map((user, index) => `${line(user, firstId + index)}\n`).join('')
  add(
    'passwd',
    0o644,
    (before) => before + lines((it, id) => `${it.name}:x:${id}:${id}:${it.gecos}:/home/${it.name}:${it.shell}`),
  )
  add('group', 0o644, (before) => before + lines((it, id) => `${it.name}:x:${id}:`))
  add('shadow', 0o640, (before) => {
    const root = odd.rootPassword === null ? before : before.replace(/^root:[^:]*:/m, `root:${odd.rootPassword}:`)
    return root + lines((it) => `${it.name}:${it.password}:19700:0:99999:7:::`)
  })
  odd.users.forEach((user, index) => makeHome(upper, user, firstId + index))
}

function makeHome(upper: string, user: User, id: number): void {
  const home = join(upper, 'home', user.name)
  mkdirSync(home, { recursive: true })
  mkdirSync(join(home, '.ssh'), { mode: 0o700 })
  const file = join(home, '.ssh/authorized_keys')
  writeFileSync(file, user.authorized, { mode: 0o600 })
  for (const path of [home, join(home, '.ssh'), file]) chownSync(path, id, id)
}
