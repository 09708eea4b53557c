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
 * `handshake ADDRESS NAME URLNAME` prints `ok`, or why not. The HTTP status does not matter. Needs askApi before it.
 * A token that nobody knows makes kubectl connect.
 */
export const handshake = raw(`handshake() { if [ "$has_curl" ]
  then o=$(curl -q -sS -m 5 --noproxy '*' -o /dev/null --cacert $k/pki/ca.crt --connect-to "::$1" "https://$3:\${1##*:}/readyz" 2>&1) && echo ok || echo "failed: $o" | tr '\\n' ' '
  else o=$(kubectl_alone --kubeconfig /dev/null --token khactl --request-timeout 5s --server "https://$1" --certificate-authority $k/pki/ca.crt --tls-server-name "$2" get --raw /readyz 2>&1)
    case "$o" in ok*|*nauthorized*|*orbidden*|*logged\\ in*) echo ok;; *) echo "failed: $o" | tr '\\n' ' ';; esac; fi; }
`)

/** Any host that a wildcard stands for will do. */
const concrete = (name: string): string => name.replace(/^\*\./, 'khactl.')

const inUrl = (name: string): string => (isIPv6(name) ? `[${name}]` : name)

/** The command that makes a call; its functions go before it. */
export const handshakeCommand = ({ address, name }: Call) => {
  const called = concrete(name)
  return sh`handshake ${address} ${called} ${inUrl(called)}`
}

/**
 * `together ADDRESS URL …` asks for all with one curl and keeps what each got in `proven`; `next` is handshake's answer for
 * one of them after the other. Who got none, and whoever comes after it, is asked alone: only so each has its own reason.
 * Where nothing is to be reached that is everybody's reason, and nobody waits for it again.
 */
const oneCurl = raw(`together() { a=$1; shift; [ "$has_curl" ] || return 0
  for u do shift; set -- "$@" -o /dev/null "$u"; done
  [ -r $k/pki/ca.crt ] || { lost="failed: this host has no $k/pki/ca.crt"; return 0; }
  proven=$(curl -q -g -sS --fail-early -m 5 --noproxy '*' -w '%{http_code} ' --cacert $k/pki/ca.crt --connect-to "::$a" "$@" 2>/dev/null)
  case $?/$proven in 7/000*|28/000*) lost="failed: nothing answers at $a";; esac; }
next() { case $lost/$proven in /[1-9]*) echo ok;; /*) handshake "$@"; echo;; *) echo "$lost";; esac; proven=\${proven#* }; }
proven= lost=
`)

const urlOf = ({ address, name }: Call): string =>
  `https://${inUrl(concrete(name))}:${address.slice(address.lastIndexOf(':') + 1)}/readyz`

/** As a rule all calls go to one address. */
const askTogether = (calls: readonly Call[]) => {
  const address = calls[0]?.address ?? ''
  return calls.every((one) => one.address === address) ? sh`together ${address} ${calls.map(urlOf)}` : raw('')
}

const kind: Kind<Call, 'ok' | { readonly why: string }> = {
  name: 'handshake',
  stays: 'world',
  cost: 'cheap',
  within: 60_000,
  ask: (calls) => {
    const answers = calls.map(({ address, name }) => sh`next ${address} ${concrete(name)} ${inUrl(concrete(name))}`)
    return readOnly(join([askApi, handshake, oneCurl, join([askTogether(calls), ...answers], '\n')], ''))
  },
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
