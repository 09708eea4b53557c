// What can be odd about a host of the lab: files and users of its own, another port, another way in.

/** Path below /, text, mode; the files in a user's home are the user's. */
export type OwnFile = readonly [path: string, text: string, mode?: number]

export interface User {
  readonly name: string
  /** Login shell. */
  readonly shell: string
  /** crypt(3) of the password; `*`: none works. */
  readonly password: string
  /** PAM reads a umask out of it. */
  readonly gecos: string
  /** Public keys that may log in, one a line. */
  readonly authorized: string
}

export interface Oddity {
  /** Also instead of files that the lab writes on every host: these win. */
  readonly files: readonly OwnFile[]
  readonly users: readonly User[]
  /** crypt(3) of root's password; null: none, as everywhere in the lab. */
  readonly rootPassword: string | null
  /** Where sshd listens. */
  readonly port: number
  /** A second address, in a network that the controller has no route to: sshd listens there alone. */
  readonly inner: string | null
  /** Where the host's keys are known: the lab's known_hosts, a file of hashed names, or nowhere. */
  readonly known: 'plain' | 'hashed' | 'nowhere'
}

/** The names of the oddities, in the order of the hosts that have them. */
export const oddities = [
  'behind-bastion',
  'password-login',
  'sudo-password',
  'hardened',
  'agent-key',
  'csh',
  'hashed-known-hosts',
  'certificate',
  'bastion',
] as const

export type OddityName = (typeof oddities)[number]

export const plainOddity: Oddity = {
  files: [],
  users: [],
  rootPassword: null,
  port: 22,
  inner: null,
  known: 'plain',
}

/** What the programs of the lab and of its tests call the second network. */
export const innerAddress = (number: number): string => `172.31.77.${number}`
