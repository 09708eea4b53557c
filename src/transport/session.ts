// A Session over the root shells of one connection.
import type { KhactlError } from '../model/error.js'
import { shown, wire } from '../model/command.js'
import type { Answer, LockResult, Request, Session } from '../model/session.js'
import { lockFile } from './root-shell.js'
import type { RootShell, ShellRequest } from './shell.js'
import { sshError, type Place } from './ssh-error.js'

export interface SessionOptions {
  readonly place: Place
  readonly own: RootShell
  /** Opens a second shell on the same connection; rejects where the server allows only one (MaxSessions 1). */
  readonly openCluster: () => Promise<RootShell>
  /** Ends the connection and waits for that. */
  readonly disconnect: () => Promise<void>
}

/** Taking the lock is a look at one file; a host that cannot do it in this time is not well. */
const lockWithin = 15_000
/** The host's word for "the lock that this shell held is not ours any more". */
const brokenStatus = 999

export const createSession = ({ place, own, openCluster, disconnect }: SessionOptions): Session => {
  let roundTrips = 0
  let cluster: Promise<RootShell> | null = null
  let closing: Promise<void> | null = null

  const request: Session['request'] = async (
    channel,
    { script, stdin, within, onLine, stop, behind }: Request,
  ): Promise<Answer> => {
    const shell = channel === 'own' ? own : await (cluster ??= openCluster().catch(() => own))
    const command = typeof script === 'function' ? script() : script
    const text = wire(command)
    if (text.includes('\0')) throw new TypeError(`a script cannot hold NUL: ${shown(command)}`)
    if (behind === undefined) roundTrips += 1
    const answer = await shell.request({
      verb: 'run',
      script: text,
      within,
      shown: shown(command),
      ...(stdin ? { stdin } : {}),
      ...(onLine ? { onLine } : {}),
      ...(stop ? { stop } : {}),
    })
    if (answer.status === brokenStatus) throw brokenLock(place)
    return answer
  }

  const lock: Session['lock'] = async (owner, manner): Promise<LockResult> => {
    if (manner === 'again') {
      roundTrips += 1
      const now = (await own.request(whoHeld)).stdout.toString().trim()
      if (now !== '' && now !== owner) return { kind: 'taken-by', owner: now }
    }
    roundTrips += 1
    const verb = manner === 'break' ? 'break' : 'lock'
    const { status, stdout, stderr } = await own.request({ verb, script: owner, within: lockWithin })
    if (status === 0) return { kind: 'held' }
    if (status === 1) return { kind: 'taken-by', owner: stdout.toString().trim() }
    throw sshError({
      code: 'lock.failed',
      place,
      what: `the lock cannot be taken: ${stderr.toString().trim()}`,
      hint: 'khactl keeps it in /run: is that mounted and writable, and is flock (util-linux) installed?',
    })
  }

  const closeAll = async (why?: 'lost'): Promise<void> => {
    const second = await cluster?.catch(() => null)
    await Promise.all([own.close(why), second?.close(why)])
    await disconnect()
  }

  return {
    host: place.name,
    request,
    roundTrips: () => roundTrips,
    lock,
    close: (why) => (closing ??= closeAll(why)),
  }
}

/** The name stays when its holder goes; a restarted host has none. */
const whoHeld: ShellRequest = { verb: 'run', script: `cat ${lockFile} 2>/dev/null`, within: lockWithin }

const brokenLock = (place: Place): KhactlError =>
  sshError({
    code: 'lock.broken',
    place,
    what: 'another run broke the lock of this one; the command was not started',
    hint: 'Find out who works on this cluster, then run the same command again.',
  })
