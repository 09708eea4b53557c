// One login over SSH: what is said alike of a host and of a host on the way to it.
import * as z from 'zod'
import { integer, text, word } from './leaf.js'
import { secretOrAsk } from './secret-ref.js'

const port = { from: 1, to: 65535 }

export const userFault = (value: string) =>
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

export const login = {
  user: text(
    {
      description: 'User to log in as; on hosts of the cluster root, or one who may sudo.',
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
  agent: word(['use', 'named', 'ignore'], {
    description:
      'use: keys of the SSH agent are offered too, after the named ones; named: only those whose file is named; ignore: none.',
    example: 'use',
    otherwise: 'use',
  }).optional(),
  passphrase: secretOrAsk(
    'Passphrase of encrypted key files, by reference. Default: ask, once a file, when a server takes the key.',
  ).optional(),
  password: secretOrAsk(
    'Password of the login, by reference or `ask`; tried after the keys, once. Default: none.',
  ).optional(),
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
}
