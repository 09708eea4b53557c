// The odd hosts, one oddity each: what is on their disks. How to log in to them is in logins.ts.
import { readFileSync } from 'node:fs'
import type { Paths } from '../paths.js'
import { agentKey, keyFile, publicKey } from './keys.js'
import { innerAddress, plainOddity, type Oddity, type OddityName, type OwnFile } from './oddity.js'
import { hashed, secretOf } from './secrets.js'
import { hardenedSshd, sshdDropIn } from './sshd.js'

const noRootKeys: OwnFile = ['root/.ssh/authorized_keys', '', 0o600]

const sudoers = (...lines: readonly string[]): OwnFile => ['etc/sudoers.d/ops', `${lines.join('\n')}\n`, 0o440]

const operator = { name: 'ops', shell: '/bin/bash', password: '*', gecos: '' } as const

export async function oddityOf(paths: Paths, name: OddityName): Promise<Oddity> {
  const authorized = readFileSync(`${paths.key}.pub`, 'utf8')
  const plain = { ...plainOddity }
  switch (name) {
    case 'bastion':
      // It runs sshd and nothing else: nobody gets a shell there, and its user may only pass through.
      return {
        ...plain,
        port: 2200,
        inner: innerAddress(1),
        known: 'nowhere',
        users: [
          { ...operator, name: 'hop', shell: '/usr/sbin/nologin', authorized: publicKey(keyFile(paths, 'bastion')) },
        ],
        files: [
          noRootKeys,
          sshdDropIn('Port 2200', 'AllowUsers hop', 'PermitTTY no', 'X11Forwarding no', 'AllowAgentForwarding no'),
        ],
      }
    case 'behind-bastion':
      return {
        ...plain,
        inner: innerAddress(2),
        files: [sshdDropIn(`ListenAddress ${innerAddress(2)}`)],
      }
    case 'password-login':
      return {
        ...plain,
        port: 2222,
        rootPassword: await hashed(secretOf(paths, 'ssh-password')),
        files: [
          noRootKeys,
          sshdDropIn(
            'Port 2222',
            'PermitRootLogin yes',
            'PasswordAuthentication no',
            'KbdInteractiveAuthentication yes',
          ),
        ],
      }
    case 'sudo-password':
      return {
        ...plain,
        users: [{ ...operator, password: await hashed(secretOf(paths, 'sudo-password')), authorized }],
        files: [noRootKeys, sshdDropIn('PermitRootLogin no'), sudoers('ops ALL=(ALL:ALL) ALL')],
      }
    case 'hardened':
      return {
        ...plain,
        users: [
          {
            ...operator,
            gecos: 'umask=0077',
            password: await hashed(secretOf(paths, 'hardened-password')),
            authorized,
          },
        ],
        files: [
          noRootKeys,
          hardenedSshd,
          // what bash reads when sshd starts it; sudo has a umask of its own
          ['etc/bash.bashrc', 'umask 077\n'],
          ['etc/issue.net', 'Unauthorised use of this system is prohibited.\n'],
          sudoers(
            'Defaults requiretty, use_pty, umask_override, umask=0077, !visiblepw, timestamp_timeout=0',
            'Defaults secure_path="/usr/sbin:/usr/bin:/sbin:/bin"',
            'ops ALL=(root) ALL',
          ),
          ...noexecTmp,
        ],
      }
    case 'agent-key':
      return {
        ...plain,
        files: [
          ['root/.ssh/authorized_keys', readFileSync(agentKey(paths), 'utf8'), 0o600],
          sshdDropIn('MaxAuthTries 3'),
        ],
      }
    case 'csh':
      return {
        ...plain,
        users: [{ ...operator, shell: '/bin/csh', authorized }],
        files: [
          noRootKeys,
          sshdDropIn('PermitRootLogin no', 'Banner /etc/issue.net', 'AcceptEnv LANG LC_*'),
          sudoers('Defaults env_keep += "LANG LC_* LANGUAGE"', 'ops ALL=(ALL:ALL) NOPASSWD: ALL'),
          ...noise,
        ],
      }
    case 'hashed-known-hosts':
      return {
        ...plain,
        known: 'hashed',
        files: [['root/.ssh/authorized_keys', publicKey(keyFile(paths, 'encrypted')), 0o600]],
      }
    case 'certificate':
      return {
        ...plain,
        files: [
          noRootKeys,
          ['etc/ssh/user-ca.pub', publicKey(keyFile(paths, 'ca'))],
          sshdDropIn('TrustedUserCAKeys /etc/ssh/user-ca.pub', 'AuthorizedKeysFile none'),
        ],
      }
  }
}

/** /tmp is there before systemd looks at fstab, so a unit makes it what hardening guides want. */
const noexecTmp: readonly OwnFile[] = [
  [
    'etc/systemd/system/noexec-tmp.service',
    `[Unit]
DefaultDependencies=no
Before=sysinit.target
After=local-fs.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/mount -o remount,noexec,nosuid,nodev /tmp
`,
  ],
  ['etc/systemd/system/sysinit.target.d/noexec-tmp.conf', '[Unit]\nWants=noexec-tmp.service\n'],
]

/** Every place from which a host can talk into what a program reads, in a language that no program expects. */
const noise: readonly OwnFile[] = [
  ['etc/default/locale', 'LANG=de_DE.UTF-8\nLANGUAGE=de\n'],
  ['etc/motd', 'Willkommen auf diesem Rechner!\n'],
  ['etc/issue.net', 'Zutritt nur für Befugte.\n'],
  ['etc/ssh/sshrc', 'echo "sshrc: Guten Tag"; echo "sshrc: Vorsicht" >&2\n'],
  ['etc/csh.cshrc', 'set path = (/usr/sbin /usr/bin /sbin /bin)\necho "csh.cshrc: Grüß Gott"\nalias cat "echo nein"\n'],
  ['etc/csh.login', 'echo "csh.login: Hallo"\n'],
  ['root/.profile', 'echo "profile: Moin"\n'],
  ['root/.bashrc', 'echo "bashrc: Servus"\n'],
]
