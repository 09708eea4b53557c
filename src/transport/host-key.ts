// Decides whether a host is the one it was: pinned key, known_hosts, or accepted as new.
import type { KhactlError } from '../model/error.js'
import { openKnownHosts, type KnownHostsFile } from './known-hosts-file.js'
import { fingerprint, hostField, judge, keyType, onlyAuthority, recordedTypes, type Verdict } from './known-hosts.js'
import { sshError, where, type Stop } from './ssh-error.js'

export interface HostKeys {
  /** Signature algorithms for the key exchange, those of recorded keys first, so that another key does not look like an attack (R-S4). */
  algorithms(place: Stop): Promise<readonly ServerHostKeyAlgorithm[]>
  /** Throws `ssh.host-key` unless the key is to be trusted; called before anything of the login is sent. */
  verify(place: Stop, key: Buffer): Promise<void>
}

const algorithmsOf = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
} as const
type KeyType = keyof typeof algorithmsOf
export type ServerHostKeyAlgorithm = (typeof algorithmsOf)[KeyType][number]

const isKeyType = (type: string): type is KeyType => type in algorithmsOf

export const createHostKeys = (log: (place: Stop, message: string) => void): HostKeys => {
  const files = new Map<string, KnownHostsFile>()
  const fileOf = ({ ssh }: Stop): KnownHostsFile => {
    const file = files.get(ssh.knownHosts) ?? openKnownHosts(ssh.knownHosts)
    files.set(ssh.knownHosts, file)
    return file
  }

  const algorithms = async (place: Stop) => {
    const recorded = place.ssh.pinned === null ? recordedTypes(await fileOf(place).read(), place.ssh) : []
    const types = [...recorded, ...Object.keys(algorithmsOf)].filter(isKeyType)
    return [...new Set(types)].flatMap((type) => algorithmsOf[type])
  }

  const verify = async (place: Stop, key: Buffer): Promise<void> => {
    const { ssh } = place
    if (ssh.pinned !== null) {
      if (fingerprint(key) === ssh.pinned) return
      throw refusal(place, {
        what: `the host key ${describe(key)} is not the pinned one, ${ssh.pinned}`,
        hint: 'If the host was reinstalled, ask who did it for the new fingerprint and change hostKey in the inventory.',
      })
    }
    const known = await fileOf(place).read()
    let verdict = judge(known, { host: ssh, key })
    if (verdict.kind === 'new' && ssh.hostKeys === 'accept-new') {
      verdict = await fileOf(place).record(ssh, key)
      if (verdict.kind === 'new') {
        log(place, `recorded the new host key ${describe(key)} of ${where(place)} in ${ssh.knownHosts}`)
        return
      }
    }
    judged(place, { verdict, key, authority: onlyAuthority(known, ssh) })
  }
  return { algorithms, verify }
}

const judged = (place: Stop, found: { verdict: Verdict; key: Buffer; authority: boolean }): void => {
  const { ssh } = place
  const { verdict, key } = found
  switch (verdict.kind) {
    case 'known':
      return
    case 'new':
      throw refusal(place, {
        what: `the host key ${describe(key)} is not in ${ssh.knownHosts}, and hostKeys is strict`,
        hint: found.authority
          ? 'Only a @cert-authority is recorded for it, which khactl does not support: record the host key itself.'
          : `Compare it with \`ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub\` on the host, then record it in ${ssh.knownHosts}.`,
      })
    case 'revoked':
      throw refusal(place, {
        what: `the host key ${describe(key)} is marked @revoked in ${ssh.knownHosts}:${verdict.line}`,
        hint: 'Give the host a new key; this one is known to be stolen or retired.',
      })
    case 'changed':
      throw refusal(place, {
        what: `the host key is ${describe(key)}, but ${ssh.knownHosts} records ${verdict.recorded.join(', ')}`,
        hint: `Somebody may be listening in. If the host was reinstalled: ssh-keygen -R '${hostField(ssh)}' -f ${ssh.knownHosts}`,
      })
  }
}

const describe = (key: Buffer): string => `${fingerprint(key)} (${keyType(key)})`

const refusal = (place: Stop, error: { what: string; hint: string }): KhactlError =>
  sshError({ code: 'ssh.host-key', place, ...error })
