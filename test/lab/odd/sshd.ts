// The configurations of sshd of the odd hosts: what is first in sshd_config.d wins over Debian's own lines.
import type { OwnFile } from './oddity.js'

export const sshdDropIn = (...lines: readonly string[]): OwnFile => [
  'etc/ssh/sshd_config.d/10-site.conf',
  `${lines.join('\n')}\n`,
  0o600,
]

/** In place of Debian's whole file, which has a Subsystem line for sftp: as the hardening guides have it. */
export const hardenedSshd: OwnFile = [
  'etc/ssh/sshd_config',
  `UsePAM yes
PermitRootLogin no
AllowUsers ops
AuthenticationMethods publickey
PasswordAuthentication no
KbdInteractiveAuthentication no
MaxAuthTries 2
MaxSessions 1
MaxStartups 3:100:3
LoginGraceTime 30
DisableForwarding yes
PermitUserEnvironment no
PermitUserRC no
PrintMotd no
Banner /etc/issue.net
HostKeyAlgorithms ssh-ed25519
KexAlgorithms curve25519-sha256,curve25519-sha256@libssh.org
Ciphers aes256-gcm@openssh.com,aes256-ctr
MACs hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com
LogLevel VERBOSE
`,
  0o600,
]
