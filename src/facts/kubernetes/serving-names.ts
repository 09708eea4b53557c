// The API server's certificate on its master: the names in its file, and whether the running server shows that file.
import { X509Certificate } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { join, raw } from '../../text/sh.js'
import { readOnly } from '../mint.js'
import { apiPort, askApi } from './api.js'

export interface ServingCertificate {
  /** null: no file, or none that is a certificate. */
  readonly file: CertificateFile | null
  readonly key: 'there' | 'absent'
  /** kubeadm signs with it; absent where the CA is kept elsewhere. */
  readonly caKey: 'there' | 'absent'
  /**
   * What the running API server shows. `another`: not the file's; `silent`: it does not answer; `not told`: the host has
   * neither curl nor openssl to ask with.
   */
  readonly served: 'the file' | 'another' | 'silent' | 'not told'
}

export interface CertificateFile {
  /** DNS names and addresses, in comparable form (see comparable). */
  readonly names: readonly string[]
  /** Seconds since 1970. kubeadm's certificates of one CA differ in nothing else that every tool can show. */
  readonly expires: number
}

/** Names are compared without case, addresses of six in their shortest form. */
export const comparable = (name: string): string =>
  isIPv6(name) ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name.toLowerCase()

/** In the order of the wanted ones. */
export const missingNames = (wanted: readonly string[], have: readonly string[]): readonly string[] => {
  const present = new Set(have.map(comparable))
  return wanted.filter((name) => !present.has(comparable(name)))
}

/**
 * `shown_end` sets `end` to when the certificate expires that the API server of this host shows, in its tool's words, or to
 * `silent` or `not-told`; `served_end` prints it as seconds since 1970, for `$(…)`.
 * Who signed it does not matter here: that is what handshakes are for. Needs askApi before it.
 */
export const servedEnd = raw(`shown_end() { if [ "$has_curl" ]
  then end=$(curl -q -k -sS -v -m 5 --noproxy '*' -o /dev/null "https://127.0.0.1:${apiPort}/readyz" 2>&1)
    case $end in *'expire date: '*) end=\${end#*expire date: }; end=\${end%%'
'*};; *) end=silent;; esac
  elif command -v openssl >/dev/null
  then end=$(timeout 5 openssl s_client -connect 127.0.0.1:${apiPort} </dev/null 2>/dev/null | openssl x509 -noout -enddate 2>/dev/null); end=\${end#notAfter=}; end=\${end:-silent}
  else end=not-told; fi; }
served_end() { shown_end; case $end in silent|not-told) echo "$end";; *) date -d "$end" +%s;; esac; }
`)

const script = `
for f in apiserver.key ca.key; do [ -s "$k/pki/$f" ] && echo "file $f"; done
if [ -s $k/manifests/kube-apiserver.yaml ]; then shown_end; echo "served $end"; fi
echo pem; [ ! -r $k/pki/apiserver.crt ] || cat $k/pki/apiserver.crt
echo; echo end`

export const parseServing = (text: string): ServingCertificate => {
  const [head = '', pem = ''] = text.split(/^pem$/m)
  const file = readCertificate(pem)
  const served = /^served (.*)$/m.exec(head)?.[1] ?? 'silent'
  return {
    file,
    key: head.includes('file apiserver.key\n') ? 'there' : 'absent',
    caKey: head.includes('file ca.key\n') ? 'there' : 'absent',
    served: served === 'not-told' ? 'not told' : servedOf(Date.parse(served) / 1000, file),
  }
}

const servedOf = (end: number, file: CertificateFile | null): ServingCertificate['served'] => {
  if (Number.isNaN(end)) return 'silent'
  return end === file?.expires ? 'the file' : 'another'
}

/** null: no certificate begins there. */
export const readCertificate = (pem: string): CertificateFile | null => {
  try {
    const { subjectAltName = '', validTo } = new X509Certificate(pem)
    const names = subjectAltName.split(', ').map((name) => comparable(name.replace(/^(?:DNS|IP Address):/, '')))
    return { names, expires: Math.floor(Date.parse(validTo) / 1000) }
  } catch {
    return null
  }
}

const kind: Kind<null, ServingCertificate> = {
  name: 'serving certificate',
  stays: 'host',
  cost: 'cheap',
  within: 15_000,
  ask: () => readOnly(join([askApi, servedEnd, raw(script)], '')),
  tell: ({ stdout, stderr }, args) => {
    const text = stdout.toString('utf8')
    const seen = text.endsWith('\nend\n')
      ? known(parseServing(text))
      : unreadable(`the API server's certificate: ${stderr.toString('utf8').trim()}`)
    return args.map(() => seen)
  },
}

export const servingCertificate = (): Fact<ServingCertificate> => fact(kind, null)
