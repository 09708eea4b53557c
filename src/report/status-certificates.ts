// Certificates, as a status tells them: which ends first, and all that end within thirty days.
import { posix } from 'node:path'
import { count } from '../text/say.js'
import { failure, warning } from './status-problem.js'
import type { SeenHost, StatusSeen } from './status-seen.js'
import type { Area, StatusProblem } from './status-area.js'

export interface CertificateView {
  readonly host: string
  readonly name: string
  readonly path: string
  /** Seconds since 1970; null: what lies there is no certificate. */
  readonly expires: number | null
  readonly daysLeft: number | null
}

/** Below this it is said each time. */
const soonDays = 30
const day = 86_400

export const certificatesArea = (seen: StatusSeen): Area<readonly CertificateView[]> => {
  const data = seen.hosts.flatMap((host) => certificatesOf(seen, host))
  const [first] = data.filter(({ expires }) => expires !== null).toSorted((a, b) => (a.expires ?? 0) - (b.expires ?? 0))
  const unread = seen.hosts.flatMap(({ name, certificates }) =>
    certificates?.status === 'unreadable'
      ? [warning({ where: name, what: `its certificates could not be read: ${certificates.why}` })]
      : [],
  )
  const summary =
    first?.daysLeft === undefined || first.daysLeft === null
      ? 'none yet'
      : `the first ${first.daysLeft < 0 ? 'ended' : 'ends'} ${inDays(first.daysLeft)} (${first.name} on ${first.host})`
  return { title: 'certificates', summary, table: [], problems: [...data.flatMap(problemsOf), ...unread], data }
}

const certificatesOf = ({ now }: StatusSeen, { name: host, certificates }: SeenHost): readonly CertificateView[] =>
  certificates?.status !== 'known'
    ? []
    : certificates.state.map(({ path, expires }) => ({
        host,
        name: nameOf(path),
        path,
        expires,
        daysLeft: expires === null ? null : Math.floor((expires - now) / day),
      }))

/** `etcd/peer`, `apiserver`, `admin.conf`, `kubelet-client` */
const nameOf = (path: string): string =>
  posix
    .relative(path.includes('/etcd/') ? '/etc/kubernetes/pki' : posix.dirname(path), path)
    .replace(/(-current\.pem|\.crt)$/, '')

const inDays = (days: number): string => (days < 0 ? `${count(-days, 'day')} ago` : `in ${count(days, 'day')}`)

const problemsOf = ({ host: where, name, path, daysLeft }: CertificateView): readonly StatusProblem[] => {
  if (daysLeft === null) return [failure({ where, what: `${path} is no certificate` })]
  if (daysLeft >= soonDays) return []
  const hint = hintFor(name)
  if (daysLeft < 0) return [failure({ where, what: `${name} ended ${inDays(daysLeft)}`, hint })]
  return [warning({ where, what: `${name} ends ${inDays(daysLeft)}`, hint })]
}

const hintFor = (name: string): string => {
  if (name.startsWith('kubelet-')) return 'The kubelet renews it itself: journalctl -eu kubelet'
  if (name === 'ca' || name.endsWith('/ca') || name === 'front-proxy-ca')
    return 'A CA is not renewed by kubeadm: plan its change by hand'
  return 'kubeadm certs renew all on each master in turn, then restart its static pods'
}
