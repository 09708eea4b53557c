// The keys of an odd lab: encrypted, certified, the bastion's, and eleven that only an agent has.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Paths } from '../paths.js'
import { run } from '../run.js'
import { startService } from '../services.js'
import { secretOf } from './secrets.js'

export const keyFile = (paths: Paths, name: 'bastion' | 'encrypted' | 'certified' | 'ca'): string =>
  join(paths.state, `id_${name}`)

const agentSocket = (paths: Paths): string => join(paths.state, 'agent.sock')

/** What a program needs to find the agent of a lab that has one. */
export const agentOf = (paths: Paths): Readonly<Record<string, string>> =>
  existsSync(agentSocket(paths)) ? { SSH_AUTH_SOCK: agentSocket(paths) } : {}

/** The public half of the one key of the agent that opens a host. */
export const agentKey = (paths: Paths): string => join(paths.state, 'id_agent.pub')

const otherKeys = 10

export const publicKey = (file: string): string => readFileSync(`${file}.pub`, 'utf8')

/** All that the hosts' disks and the inventory name; nothing is made twice. */
export async function makeKeys(paths: Paths): Promise<void> {
  mkdirSync(join(paths.state, 'agent'), { recursive: true, mode: 0o700 })
  await make(keyFile(paths, 'bastion'))
  await make(keyFile(paths, 'ca'))
  await make(keyFile(paths, 'encrypted'), secretOf(paths, 'passphrase'))
  const certified = keyFile(paths, 'certified')
  await make(certified)
  if (!existsSync(`${certified}-cert.pub`)) {
    const ca = keyFile(paths, 'ca')
    await run('ssh-keygen', [
      '-q',
      '-s',
      ca,
      '-I',
      'khactl lab',
      '-n',
      'root',
      '-V',
      'always:forever',
      `${certified}.pub`,
    ])
  }
  for (let number = 0; number <= otherKeys; number += 1) await make(agentFile(paths, number))
  await run('cp', [`${agentFile(paths, 0)}.pub`, agentKey(paths)])
}

/** 0 opens a host, the others none. */
const agentFile = (paths: Paths, number: number): string => join(paths.state, 'agent', `key-${number}`)

const make = async (file: string, passphrase = ''): Promise<void> => {
  if (existsSync(file)) return
  await run('ssh-keygen', [
    '-q',
    '-t',
    'ed25519',
    '-N',
    passphrase,
    '-C',
    `khactl lab ${file.split('/').at(-1)}`,
    '-f',
    file,
  ])
}

/** An agent that ends with the lab; the key that opens a host is the last one it offers. */
export async function startAgent(paths: Paths): Promise<void> {
  const socket = agentSocket(paths)
  if (
    !startService(paths, 'agent', {
      before: () => rmSync(socket, { force: true }),
      command: ['ssh-agent', '-D', '-a', socket],
    })
  )
    return
  for (let tries = 0; !existsSync(socket); tries += 1) {
    if (tries > 100) throw new Error(`the agent does not listen at ${socket}`)
    await sleep(50)
  }
  const files = Array.from({ length: otherKeys + 1 }, (_, index) => agentFile(paths, otherKeys - index))
  await run('ssh-add', ['-q', ...files], { env: { ...process.env, SSH_AUTH_SOCK: socket } })
}
