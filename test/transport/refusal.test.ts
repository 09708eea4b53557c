// What sudo and doas say when they refuse, as they said it; and what the operator is told.
import { describe, expect, it } from 'vitest'
import { becomeMarks, type Become } from '../../src/transport/become.js'
import type { Outcome } from '../../src/transport/prompt.js'
import { reasonOf, refusalError } from '../../src/transport/refusal.js'
import { ShellStartError } from '../../src/transport/shell.js'
import { place } from './local-shell.js'

const nonce = '0123456789abcdef'
const refused = (text: string, more: { how?: Become['how']; prompt?: Outcome; status?: number } = {}) => ({
  error: new ShellStartError(
    { status: more.status ?? 1, signal: null },
    `Welcome to web-1${becomeMarks(nonce).login}\n${text}\n`,
  ),
  nonce,
  become: { how: more.how ?? 'sudo', terminal: 'none' } as const,
  prompt: more.prompt ?? 'unasked',
})

describe('the reason', () => {
  it.each([
    // sudo 1.9
    ['sudo: a password is required', 'wanted'],
    ['sudo: sorry, you must have a tty to run sudo', 'terminal'],
    ['ops is not in the sudoers file.', 'rule'],
    ["Sorry, user ops is not allowed to execute '/usr/bin/env -i' as root on web-1.", 'rule'],
    ['Sorry, user ops may not run sudo on web-1.', 'rule'],
    ['sudo: account validation failure, is your account locked?', 'account'],
    ['sudo: Account or password is expired, reset your password and try again', 'account'],
    [
      'sudo: Account expired or PAM config lacks an "account" section for sudo, contact your system administrator',
      'account',
    ],
    ['sudo: 1 incorrect password attempt', 'refused'],
    ['sudo: /usr/bin/sudo must be owned by uid 0 and have the setuid bit set', 'other'],
    // sudo 1.8
    ['ops is not in the sudoers file.  This incident will be reported.', 'rule'],
    // sudo-rs
    ['sudo: interactive authentication is required', 'wanted'],
    ["sudo: I'm sorry ops. I'm afraid I can't do that", 'rule'],
  ])('of "%s" is %s', (text, reason) => {
    expect(reasonOf(refused(text))).toBe(reason)
  })

  it('is the prompt, where that says it, but for an account whose password is to be changed', () => {
    expect(reasonOf(refused('sudo: no password was provided', { how: 'password', prompt: 'refused' }))).toBe('refused')
    expect(reasonOf(refused('Code: ', { how: 'password', prompt: 'foreign' }))).toBe('foreign')
    const expired =
      'sudo: Account or password is expired, reset your password and try again\nsudo: a password is required'
    expect(reasonOf(refused(expired, { how: 'password', prompt: 'foreign' }))).toBe('account')
  })

  it('is never what a login shell said that did not let khactl in', () => {
    const error = new ShellStartError({ status: 1, signal: null }, 'sudo: a password is required\n')
    expect(reasonOf({ ...refused(''), error })).toBe('login')
  })
})

it('cites the line that says why, and of a long one its beginning', () => {
  const text = `sudo: unable to resolve host web-1: Name or service not known
sudo: The "no new privileges" flag is set, which prevents sudo from running as root.
sudo: If sudo is running in a container, you may need to adjust the container configuration to disable the flag.`
  expect(refusalError(place, refused(text))).toMatchObject({
    code: 'ssh.sudo',
    message: expect.stringMatching(/: sudo: The "no new privileges" flag is set.*root\.$/),
    details: { exit: 'auth', status: 1 },
  })
  const cited = `Sorry, user ops is not allowed to execute '${'x'.repeat(5000)}' as root on web-1.`
  expect(refusalError(place, refused(cited)).message.length).toBeLessThan(300)
})
