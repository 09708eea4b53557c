// Why sudo or doas gave no root shell, from what they said, and what the operator can do about it.
import type { KhactlError } from '../model/error.js'
import { becomeMarks, type Become } from './become.js'
import type { Outcome } from './prompt.js'
import type { ShellStartError } from './shell.js'
import { sshError, type Place } from './ssh-error.js'
import type { Exit } from './wire.js'

export interface Refusal {
  readonly error: ShellStartError
  readonly nonce: string
  readonly become: Become
  readonly prompt: Outcome
}

export type Reason =
  'login' | 'none' | 'doas' | 'terminal' | 'refused' | 'foreign' | 'wanted' | 'rule' | 'account' | 'other'

/**
 * sudo ends with 1 whatever the matter is, so its words must do; they are English (LC_ALL=C), of sudo 1.8 and 1.9 and of sudo-rs.
 * A reason that is not recognised is told in sudo's own words.
 */
const words: readonly (readonly [Reason, RegExp])[] = [
  ['terminal', /must have a tty/],
  ['refused', /incorrect (password|authentication) attempt|authentication failed/i],
  ['rule', /not in the sudoers file|is not allowed to|may not run sudo|I.m sorry \S+ I.m afraid/],
  ['account', /account validation failure|(account|password) (is |has )?(been )?(locked|expired)/i],
  ['wanted', /password is required|authentication is required/],
]

const anyComplaint = /^sudo: (?!unable to resolve host)/

export const reasonOf = ({ error, nonce, become, prompt }: Refusal): Reason => {
  const marks = becomeMarks(nonce)
  if (become.how === 'login' || !error.heard.includes(marks.login)) return 'login'
  if (error.heard.includes(marks.none)) return 'none'
  if (error.heard.includes(marks.doas)) return 'doas'
  if (prompt === 'refused') return prompt
  const reason = words.find(([, pattern]) => error.noise.some((line) => pattern.test(line)))?.[0] ?? 'other'
  // Of an account whose password is to be changed sudo asks for a new one.
  if (prompt === 'foreign') return reason === 'account' ? reason : prompt
  return reason === 'wanted' && become.how === 'password' ? 'other' : reason
}

export const refusalError = (place: Place, refusal: Refusal): KhactlError => {
  const { exit, noise, message } = refusal.error
  const reason = reasonOf(refusal)
  const pattern = words.find(([name]) => name === reason)?.[1]
  const said = noise.find((line) => (pattern ?? anyComplaint).test(line)) ?? message
  return sshError({
    ...texts[reason](place.ssh, { exit, said }),
    code: reason === 'login' ? 'ssh.shell' : 'ssh.sudo',
    place,
    status: exit.status,
    tail: noise,
  })
}

const rule = (user: string): string => `\`${user} ALL=(ALL) NOPASSWD: ALL\` in /etc/sudoers.d/khactl on the host`

interface Heard {
  readonly exit: Exit
  /** The line that says why. */
  readonly said: string
}
type Text = (ssh: Place['ssh'], heard: Heard) => { readonly what: string; readonly hint: string }
const texts: Readonly<Record<Reason, Text>> = {
  login: (_, { exit, said }) => ({
    what: `the login shell ended with ${exit.status ?? exit.signal} instead of running /bin/sh: ${said}`,
    hint: 'Is the login shell of the account usable, and is there no ForceCommand?',
  }),
  none: ({ user }) => ({
    what: `${user} cannot become root: the host has neither sudo nor doas`,
    hint: 'Install sudo on the host, or log in as root (ssh.user in the inventory).',
  }),
  doas: ({ user }, { said }) => ({
    what: `${user} cannot become root by doas: ${said}`,
    hint: `Put \`permit nopass ${user} as root\` into /etc/doas.conf on the host, or install sudo: khactl gives doas no password.`,
  }),
  terminal: ({ user }, { said }) => ({
    what: `sudo wants a terminal and does not take the one it has: ${said}`,
    hint: `Add \`Defaults:${user} !requiretty\` to the sudoers of the host.`,
  }),
  refused: ({ user }) => ({
    what: `sudo refuses the password of ${user}; it was tried once`,
    hint: 'Correct ssh.sudoPassword in the inventory, then run the same command again.',
  }),
  foreign: (_, { said }) => ({
    what: `sudo asks for something that is not the password: ${said}`,
    hint: 'khactl answers the password prompt alone. Let this account use sudo without a second factor.',
  }),
  wanted: ({ user }) => ({
    what: `sudo wants a password of ${user}, and the inventory gives none`,
    hint: `Either put ${rule(user)}, or give ssh.sudoPassword in the inventory (\`ask\` asks for it once a run).`,
  }),
  rule: ({ user }, { said }) => ({
    what: `${user} may not become root by sudo: ${said}`,
    hint: `khactl needs a rule for all commands: put ${rule(user)}, or log in as somebody else (ssh.user).`,
  }),
  account: ({ user }, { said }) => ({
    what: `sudo does not take the account ${user}: ${said}`,
    hint: `Has it, or its password, expired? On the host: chage -l ${user}`,
  }),
  other: ({ user }, { said }) => ({
    what: `sudo gave ${user} no root shell: ${said}`,
    hint: 'Try it on the host: sudo /usr/bin/env id -u',
  }),
}
