// When the certificates on a host end: kubeadm's, the kubelet's and those inside kubeconfigs. No key leaves the host.
import { X509Certificate } from 'node:crypto'
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { raw } from '../../text/sh.js'
import { readOnly } from '../mint.js'

export interface CertificateEnd {
  readonly path: string
  /** Seconds since 1970; null: what lies there is no certificate. */
  readonly expires: number | null
}

const pki = '/etc/kubernetes/pki'
const files = [
  ...['ca', 'apiserver', 'apiserver-kubelet-client', 'apiserver-etcd-client'].map((name) => `${pki}/${name}.crt`),
  ...['front-proxy-ca', 'front-proxy-client'].map((name) => `${pki}/${name}.crt`),
  ...['ca', 'server', 'peer', 'healthcheck-client'].map((name) => `${pki}/etcd/${name}.crt`),
  ...['admin', 'super-admin', 'controller-manager', 'scheduler'].map((name) => `/etc/kubernetes/${name}.conf`),
  '/var/lib/kubelet/pki/kubelet-client-current.pem',
  '/var/lib/kubelet/pki/kubelet-server-current.pem',
]

// The kubelet's files hold key and certificate together, so only what stands between the certificate's marks is taken.
const script = `for f in ${files.join(' ')}; do
  [ -r "$f" ] || continue
  printf '%s\\n' "$f"
  case $f in
    *.conf) sed -n 's/^ *client-certificate-data: *//p' "$f" | head -n 1 | base64 -d;;
    *) cat "$f";;
  esac | sed -n '/^-----BEGIN CERTIFICATE-----/,/^-----END CERTIFICATE-----/p'
  printf '\\0'
done
echo end`

const kind: Kind<null, readonly CertificateEnd[]> = {
  name: 'certificate ends',
  stays: 'host',
  cost: 'cheap',
  within: 10_000,
  ask: () => readOnly(raw(script)),
  tell: ({ stdout, stderr }, args) => {
    const text = stdout.toString('utf8')
    const seen = text.endsWith('end\n')
      ? known(parseCertificates(text))
      : unreadable(`certificates: ${stderr.toString('utf8').trim()}`)
    return args.map(() => seen)
  },
}

/** Of the files that are there. */
export const certificateEnds = (): Fact<readonly CertificateEnd[]> => fact(kind, null)

/** A record is a path, a newline and PEM; a kubeconfig without a certificate inside has none and is left out. */
export const parseCertificates = (text: string): readonly CertificateEnd[] =>
  text
    .split('\0')
    .slice(0, -1)
    .flatMap((record) => {
      const at = record.indexOf('\n')
      const [path, pem] = [record.slice(0, at), record.slice(at + 1)]
      return pem.trim() === '' && path.endsWith('.conf') ? [] : [{ path, expires: endOf(pem) }]
    })

const endOf = (pem: string): number | null => {
  try {
    return Math.floor(Date.parse(new X509Certificate(pem).validTo) / 1000)
  } catch {
    return null
  }
}
