// Whether an API server, called by a name, proves that name to whoever trusts the cluster's CA.
import { isIPv6 } from 'node:net'
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { join, raw, sh } from '../../text/sh.js'
import { readOnly } from '../mint.js'
import { askApi } from './api.js'

export interface Call {
  /** Where to connect: `10.0.0.5:6443`. */
  readonly address: string
  /** What it is called by, whoever resolves it. */
  readonly name: string
}

/**
 * `handshake ADDRESS NAME [URLNAME]` prints `ok`, or why not. The HTTP status does not matter. Needs askApi before it.
 * A token that nobody knows makes kubectl connect.
 */
export const handshake = raw(`handshake() { if [ "$has_curl" ]
  then o=$(curl -q -sS -m 5 --noproxy '*' -o /dev/null --cacert $k/pki/ca.crt --connect-to "::$1" "https://\${3:-$2}:\${1##*:}/readyz" 2>&1) && echo ok || echo "failed: $o" | tr '\\n' ' '
  else o=$(HOME=/nonexistent kubectl --kubeconfig /dev/null --cache-dir /dev/null/none --token khactl --request-timeout 5s --server "https://$1" --certificate-authority $k/pki/ca.crt --tls-server-name "$2" get --raw /readyz 2>&1)
    case "$o" in ok*|*nauthorized*|*orbidden*|*logged\\ in*) echo ok;; *) echo "failed: $o" | tr '\\n' ' ';; esac; fi; }
`)

/** Any host that a wildcard stands for will do. */
const concrete = (name: string): string => name.replace(/^\*\./, 'khactl.')

/** The command that makes a call; its functions go before it. */
export const handshakeCommand = ({ address, name }: Call) => {
  const called = concrete(name)
  return sh`handshake ${address} ${called} ${isIPv6(called) ? `[${called}]` : called}`
}

const kind: Kind<Call, 'ok' | { readonly why: string }> = {
  name: 'handshake',
  stays: 'world',
  cost: 'cheap',
  within: 60_000,
  ask: (calls) =>
    readOnly(
      join([askApi, handshake, ...calls.map((call) => join([handshakeCommand(call), raw('; echo\n')], ''))], ''),
    ),
  tell: ({ stdout }, calls) => {
    const lines = stdout
      .toString('utf8')
      .split('\n')
      .filter((line) => line.trim() !== '')
    return calls.map(({ name }, index) => {
      const line = lines[index]?.trim()
      if (line === undefined) return unreadable(`whether the API server proves to be ${name}`)
      return known(line === 'ok' ? 'ok' : { why: line.replace(/^failed: /, '') })
    })
  },
}

export const provenName = (call: Call): Fact<'ok' | { readonly why: string }> => fact(kind, call)
