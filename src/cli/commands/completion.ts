// khactl completion: a script for the shell; and the names of hosts, which the script asks for while somebody types.
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { exitCodes } from '../../model/error.js'
import type { Io } from '../io.js'
import type { CommandSpec, shells } from '../completion/spec.js'

export const completion = async (
  { shell, commands }: { readonly shell: (typeof shells)[number]; readonly commands: readonly CommandSpec[] },
  io: Io,
): Promise<number> => {
  const { readPlaybook } = await import('../read-playbook.js')
  const { bashScript, zshScript } = await import('../completion/bash.js')
  const { fishScript } = await import('../completion/fish.js')
  const stages = (await readPlaybook('up')).stages.map(({ id }) => id)
  io.stdout.write({ bash: bashScript, zsh: zshScript, fish: fishScript }[shell]({ commands, stages }))
  return exitCodes.ok
}

/** More is no inventory, and not worth the wait. */
const mostBytes = 4 * 1024 * 1024

/** `words`: of the command line so far, without khactl. Whatever is wrong, it says nothing and ends well. */
export const completeHosts = async (words: readonly string[], io: Io): Promise<number> => {
  const { hostNames } = await import('../../inventory/host-names.js')
  try {
    const file = resolve(io.cwd, inventoryIn(words))
    const { size } = await stat(file)
    const names = size > mostBytes ? [] : hostNames(await readFile(file, 'utf8'))
    io.stdout.write(names.map((name) => `${name}\n`).join(''))
  } catch {
    // A file that is not there, or is no YAML yet, has no hosts.
  }
  return exitCodes.ok
}

/** bash hands `--inventory=a.yaml` over as three words. */
const inventoryIn = (words: readonly string[]): string => {
  const option = words.findLastIndex((word) => /^(-i|--inventory)(=|$)/.test(word))
  const [flag = '', ...after] = option === -1 ? [] : words.slice(option)
  const named = flag.includes('=') ? flag.slice(flag.indexOf('=') + 1) : after.find((word) => word !== '=')
  if (named !== undefined && named !== '') return named
  const takesIt = words[0] !== 'run'
  return (takesIt ? words.find((word) => /\.ya?ml$/.test(word)) : undefined) ?? 'inventory.yaml'
}
