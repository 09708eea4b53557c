// The lab's command line: `npm run lab -- up | inventory | exec | host | boot | kill | status | down`.

import { existsSync } from 'node:fs'
import { insideController, hasNetwork } from './network.js'
import { agentOf } from './odd/keys.js'
import { labName, pathsOf, type Paths } from './paths.js'
import { attached } from './run.js'

const usage = `usage: npm run lab -- COMMAND
  up [--profile small|ha|rpm|odd|many] [--hosts N]   make what is missing and boot the hosts (default: ha)
  inventory                                      print the path of the inventory
  exec -- CMD…                                   run CMD where the hosts' addresses are reachable
  host NAME -- CMD…                              run CMD inside a host, without SSH
  boot NAME [--system deb|rpm]                   boot a host, also one that is not in the profile
  kill NAME                                      a power cut
  status                                         what runs
  down                                           stop everything and leave nothing behind
KHACTL_LAB=NAME selects an independent lab; KHACTL_LAB_CACHE and KHACTL_LAB_STATE move its folders.
`

class UsageError extends Error {}

interface Arguments {
  readonly words: readonly string[]
  readonly options: ReadonlyMap<string, string>
  /** what follows -- */
  readonly command: readonly string[]
}

function parse(argv: readonly string[]): Arguments {
  const cut = argv.indexOf('--')
  const own = cut < 0 ? argv : argv.slice(0, cut)
  const words: string[] = []
  const options = new Map<string, string>()
  for (let i = 0; i < own.length; i += 1) {
    const word = own[i] ?? ''
    const [, name, value] = /^--([a-z]+)(?:=(.*))?$/.exec(word) ?? []
    if (name === undefined) words.push(word)
    else if (!['profile', 'hosts', 'system'].includes(name)) throw new UsageError(`there is no option ${word}`)
    else if (value !== undefined) options.set(name, value)
    else {
      i += 1
      options.set(name, own[i] ?? '')
    }
  }
  return { words, options, command: cut < 0 ? [] : argv.slice(cut + 1) }
}

function needCommand(it: Arguments): readonly string[] {
  if (it.command.length === 0) throw new UsageError('say what to run, after --')
  return it.command
}

function needName(it: Arguments): string {
  const name = it.words[1]
  if (name === undefined) throw new UsageError(`say which host: ${it.words[0]} NAME`)
  return name
}

/** npm changes to the checkout's folder; the command runs where the user stands. */
function callersFolder(paths: Paths): { cwd: string; env: NodeJS.ProcessEnv } {
  const { INIT_CWD: initial, npm_lifecycle_event: event, ...env } = process.env
  const cwd = event === 'lab' && initial !== undefined ? initial : process.cwd()
  return { cwd, env: { ...env, ...agentOf(paths) } }
}

async function exec(paths: Paths, it: Arguments): Promise<number> {
  if (!hasNetwork(paths.lab)) throw new Error(`no lab "${paths.lab}" runs; bring it up with: npm run lab -- up`)
  const [command = '', ...args] = insideController(paths.lab, ...needCommand(it))
  return attached(command, args, callersFolder(paths))
}

async function dispatch(it: Arguments): Promise<number> {
  const paths = pathsOf(labName())
  switch (it.words[0] ?? '') {
    case 'exec':
      return exec(paths, it)
    case 'host': {
      const { insideHost } = await import('./host.js')
      const [command = '', ...args] = insideHost(paths, needName(it), ...needCommand(it))
      return attached(command, args)
    }
    case 'inventory':
      if (!existsSync(paths.inventory))
        throw new Error(`no lab "${paths.lab}" runs; bring it up with: npm run lab -- up`)
      process.stdout.write(`${paths.inventory}\n`)
      return 0
    case 'up': {
      const { up } = await import('./up.js')
      await up(paths, it.options.get('profile') ?? 'ha', Number(it.options.get('hosts') ?? '3'))
      return 0
    }
    case 'boot': {
      const { boot } = await import('./up.js')
      await boot(paths, needName(it), it.options.get('system'))
      return 0
    }
    case 'kill': {
      const { powerCut } = await import('./down.js')
      await powerCut(paths, needName(it))
      return 0
    }
    case 'status': {
      const { status } = await import('./status.js')
      return status(paths)
    }
    case 'down': {
      const { down } = await import('./down.js')
      await down(paths)
      return 0
    }
    default:
      throw new UsageError(it.words[0] === undefined ? 'say what to do' : `there is no command "${it.words[0]}"`)
  }
}

try {
  process.exitCode = await dispatch(parse(process.argv.slice(2)))
} catch (error) {
  process.stderr.write(`lab: ${error instanceof Error ? error.message : String(error)}\n`)
  if (error instanceof UsageError) process.stderr.write(usage)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
