// `ssh:` — how khactl logs in, for all hosts at the top of the file and for one host in its entry.
import * as z from 'zod'
import { jump } from './jump.js'
import { word } from './leaf.js'
import { login } from './login.js'
import { secretOrAsk } from './secret-ref.js'

export const ssh = z
  .strictObject({
    ...login,
    sudoPassword: secretOrAsk(
      'Password that sudo asks for, by reference or `ask`. Default: none, sudo must not ask.',
    ).optional(),
    jump: jump.optional(),
    client: word(['ssh2', 'system'], {
      description:
        'ssh2: built in; system: the ssh program of this machine, for certificates, FIDO keys and post-quantum key exchange.',
      example: 'ssh2',
      otherwise: 'ssh2',
    }).optional(),
    config: word(['ignore', 'use'], {
      description: 'use: what the inventory does not say is taken from your ~/.ssh/config, as `ssh -G` reads it.',
      example: 'ignore',
      otherwise: 'ignore',
    }).optional(),
  })
  .meta({
    description: 'How khactl logs in. At the top: for all hosts; in a host: for this one.',
    example: '{ user: root, key: ~/.ssh/id_ed25519 }',
  })

export type SshEntry = z.output<typeof ssh>
