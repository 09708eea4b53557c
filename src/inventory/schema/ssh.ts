// `ssh:` — how khactl logs in, for all hosts at the top of the file and for one host in its entry.
import * as z from 'zod'
import { integer, text, word } from './leaf.js'

const port = { from: 1, to: 65535 }

const userFault = (value: string) =>
  /^[A-Za-z0-9_][-A-Za-z0-9_.]{0,31}\$?$/.test(value)
    ? null
    : { code: 'user', message: `\`${value}\` is not a user name`, hint: 'Write something like `root` or `ubuntu`.' }

const pinFault = (value: string) =>
  /^SHA256:[A-Za-z0-9+/]{43}$/.test(value)
    ? null
    : {
        code: 'host-key',
        message: `\`${value}\` is not a key fingerprint`,
        hint: 'Write `SHA256:…` as `ssh-keygen -lf FILE` prints it.',
      }

export const ssh = z
  .strictObject({
    user: text(
      {
        description: 'User to log in as: root, or one who may sudo without a password.',
        example: 'root',
        otherwise: 'root',
      },
      userFault,
    ).optional(),
    port: integer({ description: 'Port of the SSH server.', example: 22, otherwise: '22', ...port }).optional(),
    key: text({
      description: 'Private key file.',
      example: '~/.ssh/id_ed25519',
      otherwise: 'the agent, then ~/.ssh/id_ed25519, id_ecdsa and id_rsa where they exist',
    }).optional(),
    keys: z
      .array(text({ description: 'Private key file.', example: '~/.ssh/id_ed25519' }))
      .meta({
        description: 'Several private key files, offered in this order (instead of `key`).',
        example: '[./id_a, ./id_b]',
      })
      .optional(),
    agent: word(['use', 'ignore'], {
      description: 'Whether keys of the SSH agent are offered too.',
      example: 'use',
      otherwise: 'use',
    }).optional(),
    knownHosts: text({
      description: 'File with the host keys that are known.',
      example: './known_hosts',
      otherwise: '~/.ssh/known_hosts',
    }).optional(),
    hostKeys: word(['accept-new', 'strict'], {
      description:
        'accept-new records the key of a host seen for the first time; strict refuses it. Both refuse a changed key.',
      example: 'accept-new',
      otherwise: 'accept-new',
    }).optional(),
    hostKey: text(
      {
        description: "Fingerprint of this host's key; known_hosts is not asked then.",
        example: 'SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      },
      pinFault,
    ).optional(),
  })
  .meta({
    description: 'How khactl logs in. At the top: for all hosts; in a host: for this one.',
    example: '{ user: root, key: ~/.ssh/id_ed25519 }',
  })

export type SshEntry = z.output<typeof ssh>
