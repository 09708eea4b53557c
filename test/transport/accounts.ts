// Accounts to throw away, for a real sudo: with a password, rules and a login shell of their own.
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { scratch } from './local-shell.js'

export interface Account {
  readonly name: string
  readonly password: string
}

export interface AccountOptions {
  /** Lines for a sudoers file of its own; USER stands for the name. */
  readonly sudoers?: readonly string[]
  readonly shell?: string
  /** Files of its home folder by name: what its login shells read. */
  readonly home?: Readonly<Record<string, string>>
}

export interface Accounts {
  /** The same account for the same wishes. */
  make(options?: AccountOptions): Account
  remove(): void
}

export const createAccounts = (): Accounts => {
  const made: { readonly name: string; readonly rule: string }[] = []
  const known = new Map<string, Account>()
  const make = ({ sudoers = [], shell = '/bin/sh', home = {} }: AccountOptions): Account => {
    const name = `khactl-${process.pid}-${made.length}`
    const password = `Pw-${made.length}-${Math.random().toString(36).slice(2)} 'x"$`
    const folder = join(openFolder(), 'home')
    mkdirSync(folder)
    for (const [file, text] of Object.entries(home)) {
      mkdirSync(join(folder, file, '..'), { recursive: true })
      writeFileSync(join(folder, file), text)
    }
    const hash = execFileSync('openssl', ['passwd', '-6', '-stdin'], { input: password }).toString().trim()
    const rule = `/etc/sudoers.d/${name}`
    execFileSync('useradd', ['--no-create-home', '--shell', shell, '--home-dir', folder, '-p', hash, name])
    made.push({ name, rule })
    execFileSync('chown', ['-R', name, folder])
    const lines = ['Defaults:USER lecture=always', ...sudoers]
    writeFileSync(rule, `${lines.join('\n').replaceAll('USER', name)}\n`, { mode: 0o440 })
    return { name, password }
  }
  return {
    make: (options = {}) => {
      const wishes = JSON.stringify(options)
      const account = known.get(wishes) ?? make(options)
      known.set(wishes, account)
      return account
    },
    remove: () => {
      for (const { name, rule } of made.splice(0)) {
        rmSync(rule, { force: true })
        spawnSync('userdel', ['--force', name])
      }
    },
  }
}

/** A folder that everybody may read. */
export const openFolder = (): string => {
  const folder = scratch()
  chmodSync(folder, 0o755)
  return folder
}

/** A folder for PATH with nothing but these. */
export const pathWith = (programs: readonly string[]): string => {
  const folder = openFolder()
  for (const program of programs)
    symlinkSync(
      execFileSync('sh', ['-c', `command -v ${program}`])
        .toString()
        .trim(),
      join(folder, program),
    )
  return folder
}
