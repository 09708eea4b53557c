// The command line of an ssh master: every option that matters is said, whatever a configuration file says. Pure.
import type { SshLogin } from '../model/inventory.js'
import { quote } from '../text/quote.js'

export interface MasterCommand {
  readonly login: SshLogin
  /** Where its control socket is to be. */
  readonly socket: string
  /** Files of private keys, or of the public halves that an agent holds the rest of. */
  readonly identities: readonly string[]
  /** Certificates that only the agent holds, as files. */
  readonly certificates: readonly string[]
  readonly hostKeyAlgorithms: readonly string[]
  /** Only a `@cert-authority` is recorded for the host: ssh reads the file itself, which no other client here can honour. */
  readonly authority: boolean
  /** The helper that asks khactl about host keys, and the file in which it finds the answer. */
  readonly hostKey: { readonly helper: string; readonly answer: string }
  /** The control socket of the host before this one; null: it is reached directly. */
  readonly via: string | null
  /** Whether ~/.ssh/config fills what is not said here. */
  readonly config: 'use' | 'ignore'
  readonly connectSeconds: number
  readonly alive: { readonly seconds: number; readonly count: number }
}

export const masterArguments = (command: MasterCommand): readonly string[] => {
  const { login, hostKey, via } = command
  const options = {
    BatchMode: 'no',
    CanonicalizeHostname: 'no',
    CheckHostIP: 'no',
    ClearAllForwardings: 'yes',
    Compression: 'no',
    ConnectTimeout: String(command.connectSeconds),
    ConnectionAttempts: '1',
    ControlMaster: 'yes',
    ControlPersist: 'no',
    EscapeChar: 'none',
    ForwardAgent: 'no',
    ForwardX11: 'no',
    GSSAPIAuthentication: 'no',
    GlobalKnownHostsFile: '/dev/null',
    HashKnownHosts: 'no',
    HostKeyAlgorithms: [...(command.authority ? authorityAlgorithms : []), ...command.hostKeyAlgorithms].join(','),
    HostbasedAuthentication: 'no',
    IdentitiesOnly: 'yes',
    IdentityAgent: login.agent === 'ignore' ? 'none' : 'SSH_AUTH_SOCK',
    KnownHostsCommand: `/bin/sh ${hostKey.helper} %I %H %t %K ${hostKey.answer}`,
    // What it says of its way is how its end is understood.
    LogLevel: 'DEBUG1',
    MACs: '-*sha1*,umac-64*',
    NoHostAuthenticationForLocalhost: 'no',
    NumberOfPasswordPrompts: '1',
    PermitLocalCommand: 'no',
    PreferredAuthentications: login.password === null ? 'publickey' : 'publickey,keyboard-interactive,password',
    RemoteCommand: 'none',
    RequestTTY: 'no',
    ServerAliveCountMax: String(command.alive.count),
    ServerAliveInterval: String(command.alive.seconds),
    StrictHostKeyChecking: 'yes',
    Tunnel: 'no',
    UpdateHostKeys: 'no',
    UserKnownHostsFile: command.authority ? quoted(login.knownHosts) : '/dev/null',
    VerifyHostKeyDNS: 'no',
    VisualHostKey: 'no',
    ...(via === null ? {} : { ProxyCommand: throughHop(via, command) }),
  }
  return [
    ...(command.config === 'use' ? [] : ['-F', 'none']),
    ...['-N', '-T', '-S', command.socket, '-p', String(login.port), '-l', login.user],
    ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    ...command.certificates.flatMap((file) => ['-o', `CertificateFile=${quoted(file)}`]),
    ...command.identities.flatMap((file) => ['-i', file.replaceAll('%', '%%')]),
    '--',
    login.address,
  ]
}

const authorityAlgorithms = [
  'ssh-ed25519-cert-v01@openssh.com',
  'ecdsa-sha2-nistp256-cert-v01@openssh.com',
  'ecdsa-sha2-nistp384-cert-v01@openssh.com',
  'ecdsa-sha2-nistp521-cert-v01@openssh.com',
  'rsa-sha2-512-cert-v01@openssh.com',
  'rsa-sha2-256-cert-v01@openssh.com',
]

/** ssh splits the values of some options into words, and expands `%` in them. */
const quoted = (value: string): string =>
  `"${value.replaceAll('%', '%%').replaceAll(/["\\]/g, (found) => `\\${found}`)}"`

/** One more channel of the hop's master. Where that is gone it must fail, and not connect by itself to wherever. */
const throughHop = (socket: string, { login, config }: MasterCommand): string => {
  // What ~/.ssh/config makes of the name, only ssh knows.
  const target = config === 'use' ? '[%h]:%p' : `[${login.address}]:${login.port}`.replaceAll('%', '%%')
  return [
    ...['ssh', '-F', 'none', '-S', socket, '-o', 'ProxyCommand=false', '-o', 'BatchMode=yes'],
    ...['-W', quote(target), '--', 'khactl-hop'],
  ].join(' ')
}
