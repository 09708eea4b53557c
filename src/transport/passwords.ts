// Passwords of logins: given by the inventory or asked for once a user; one that was refused is not sent again.
import type { AnyAuthMethod } from 'ssh2'
import { isSecret, type Secret } from '../model/command.js'
import type { AskSecret } from '../model/session.js'
import type { Offer } from './offer.js'
import type { Stop } from './ssh-error.js'

/** null: the inventory has none for this login. */
export type Passwords = (place: Stop) => Offer | null

export const createPasswords = (askSecret: AskSecret | undefined): Passwords => {
  const refused = new Set<string>()
  return (place) => {
    const { ssh } = place
    const { password } = ssh
    if (password === null) return null
    let sent: string | null = null
    return {
      kind: 'password',
      means: ['password', 'keyboard-interactive'],
      label: 'the password',
      method: async ({ methods, whileAsking, trouble }) => {
        const found = isSecret(password)
          ? password
          : await whileAsking(async () => askSecret?.(passwordQuestion(place)) ?? null)
        if (found === null) {
          trouble.push('nobody gave the password: there is no terminal to ask on, or no answer came')
          return null
        }
        const login = JSON.stringify([ssh.user, ssh.address, ssh.port, found.reveal()])
        if (refused.has(login)) {
          trouble.push('the password was refused before, and is not sent again')
          return null
        }
        sent = login
        return methods.includes('password')
          ? { type: 'password', username: ssh.user, password: found.reveal() }
          : interactive(ssh.user, { password: found, trouble })
      },
      refused: () => {
        if (sent !== null) refused.add(sent)
      },
    }
  }
}

/** One for all hosts with that user: their passwords are the same, or stand in the inventory. A jump host has its own. */
export const passwordQuestion = ({ ssh, role }: Stop): string =>
  role === 'jump' ? `Password of ${ssh.user} on the jump host ${ssh.address}` : `SSH password of ${ssh.user}`

/** PAM asks in rounds. The first hidden prompt is the password's; whatever else is asked, nobody here can answer. */
const interactive = (
  username: string,
  { password, trouble }: { readonly password: Secret; readonly trouble: string[] },
): AnyAuthMethod => {
  let isSent = false
  return {
    type: 'keyboard-interactive',
    username,
    prompt: (_name, _instructions, _language, prompts, answer) => {
      const [prompt] = prompts
      if (!isSent && prompts.length === 1 && prompt !== undefined && prompt.echo !== true) {
        isSent = true
        return answer([password.reveal()])
      }
      // The same again means that it was wrong; anything else is a second factor.
      if (!isSent || !/passw/i.test(prompt?.prompt ?? ''))
        trouble.push(
          `the server asks ${JSON.stringify(prompts.map((one) => one.prompt.trim()).join(' '))}, which khactl cannot answer: a key needs no answer`,
        )
      return answer([])
    },
  }
}
