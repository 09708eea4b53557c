// Understands how an ssh that was to log in ended, from what it said with LC_ALL=C and LogLevel DEBUG1. Pure.
import type { KhactlError } from '../model/error.js'
import { DroppedError } from './handshake.js'
import { codeOf } from './connect-words.js'
import { lastLines, sshError, type Stop } from './ssh-error.js'

export interface LoginEnd {
  readonly place: Stop
  /** What it wrote to stderr. */
  readonly said: readonly string[]
  /** Why configured keys were not among those it was given. */
  readonly problems: readonly string[]
}

/** True once the server let us authenticate: from then on nothing is tried again. */
export const isAuthenticating = (line: string): boolean => line.startsWith('debug1: SSH2_MSG_SERVICE_ACCEPT received')

export const isReady = (line: string): boolean => line.startsWith('debug1: Entering interactive session')

/** The server is there: from now on it is the login that takes its time, and not the network. */
export const isConnected = (line: string): boolean =>
  /^debug1: (Connection established|Remote protocol version)/.test(line)

/** Lines for people: no debugging, no banner frame. */
export const plainLines = (said: readonly string[]): readonly string[] =>
  lastLines(said.filter((line) => !/^debug\d: |^Authenticated to |^@@@|^Killed by signal/.test(line)).join('\n'))

/** A KhactlError; a DroppedError, or an error with a code of node's, for what may be tried again. */
export const explainEnd = (end: LoginEnd): Error => {
  const { said } = end
  if (said.some(isAuthenticating)) return refusedLogin(end, wasRefused(end))
  const plain = plainLines(said)
  const find = (words: RegExp): string | undefined => plain.find((line) => words.test(line))
  const negotiation = find(/^Unable to negotiate|no matching .* found|Bad SSH2|Protocol mismatch|invalid format/)
  if (negotiation !== undefined)
    return sshError({
      code: 'ssh.handshake',
      place: end.place,
      what: `no common ground with the SSH server: ${negotiation}`,
      hint: 'Look at KexAlgorithms, HostKeyAlgorithms, Ciphers and MACs in the sshd_config, and at the age of ssh here.',
      tail: plain,
    })
  // Where khactl judged the key, its own words came before this.
  if (find(/^Host key verification failed/) !== undefined) return distrusted(end, plain)
  const network = find(/^ssh: (connect to host|Could not resolve hostname)/)
  if (network !== undefined) return Object.assign(new Error(network), { code: codeOf(network) })
  const usage = find(/^(command-line|.*: Bad configuration|Bad |unknown option|.*illegal option)/)
  if (usage !== undefined)
    return sshError({ code: 'ssh.program', place: end.place, what: `ssh does not run: ${usage}`, tail: plain })
  return new DroppedError(plain.at(-1) ?? 'the server closed the connection before the login')
}

/** ssh judges by itself where only an authority is recorded: `Server host certificate: …, CA ssh-ed25519 SHA256:… valid …`. */
const distrusted = ({ place, said }: LoginEnd, tail: readonly string[]): KhactlError => {
  const [, key = 'that it shows'] = said.flatMap(
    (line) => /^debug1: Server host key: \S+ (SHA256:\S+)/.exec(line) ?? [],
  )
  const [, authority] = said.flatMap(
    (line) => /^debug1: Server host certificate: .* CA \S+ (SHA256:\S+)/.exec(line) ?? [],
  )
  return sshError({
    code: 'ssh.host-key',
    place,
    what: `ssh does not trust the host key ${key}${authority === undefined ? '' : `, certified by ${authority}`}`,
    hint: `Only a @cert-authority is recorded for it in ${place.ssh.knownHosts}: is it the right one, and is the certificate valid for this name and day?`,
    tail,
  })
}

/** The same words whoever noticed: the server, or khactl when ssh wanted the password a second time. */
export const refusedLogin = ({ place, said, problems }: LoginEnd, what: string): KhactlError => {
  const offered = said.flatMap(offer)
  const methods = said.flatMap((line) => /Authentications that can continue: (\S+)/.exec(line)?.[1]?.split(',') ?? [])
  return sshError({
    code: 'ssh.auth',
    place,
    what: [what, `offered: ${offered.join(', ') || 'nothing'}`, ...problems, ...said.flatMap(keyTrouble)].join('; '),
    hint:
      methods.length > 0 && !methods.includes('publickey')
        ? `The server accepts ${[...new Set(methods)].join(', ')} only; is ssh.password given?`
        : `Is one of these keys in ~${place.ssh.user}/.ssh/authorized_keys on the host?`,
    tail: plainLines(said),
  })
}

const wasRefused = ({ place, said }: LoginEnd): string => {
  const reason = said.find((line) => /Too many authentication failures/.test(line))
  const isPlain = reason !== undefined || said.some((line) => /Permission denied/.test(line))
  if (!isPlain) return `the server closed the connection during the login as ${place.ssh.user}`
  return `the login as ${place.ssh.user} was refused${reason === undefined ? '' : ' (Too many authentication failures)'}`
}

/** `Offering public key: FILE ED25519 SHA256:… explicit agent`, as the other client names it. */
const offer = (line: string): string[] => {
  const [, file, print, more = ''] = /^debug1: Offering public key: (.*) \S+ (SHA256:\S+)(.*)$/.exec(line) ?? []
  return print === undefined ? [] : [`${print} (${/\bagent\b/.test(more) ? 'agent' : file})`]
}

/** A key that the server takes, and that yet was no login: ssh says nothing of a wrong passphrase. */
const keyTrouble = (line: string): string[] => {
  const [, file] = /^debug1: Server accepts key: (.*) \S+ SHA256:/.exec(line) ?? []
  if (file !== undefined)
    return [`the server accepts key ${file}, but ssh could not sign with it: is its passphrase right?`]
  return /^(Load key |Permissions .* too open|no such identity|sign_and_send_pubkey|Unable to load)/.test(line)
    ? [line]
    : []
}
