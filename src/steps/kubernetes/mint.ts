// Join tokens and certificate keys: made on the leader just before a join, nothing secret in argv, revoked after (R-K4, R-U1).
import { createHash, randomBytes, X509Certificate } from 'node:crypto'
import { secret, wire, type Command, type Secret } from '../../model/command.js'
import type { HostName } from '../../model/host.js'
import { initTokenDescription } from '../../model/init-token.js'
import type { Writer } from '../../model/step.js'
import { leaderTools } from '../../facts/kubernetes/leader-tools.js'
import { mintedLabel } from '../../facts/kubernetes/minted.js'
import { join, sh } from '../../text/sh.js'
import { retry } from '../retry.js'
import type { Content } from '../file.js'
import { clusterInfoIn, printClusterInfo, signClusterInfo } from './token-signature.js'

export interface Minting {
  /** The node that will join: named in the token's description and label. */
  readonly node: string
  readonly ttlSeconds: number
  /** For a master: kubeadm's configuration for `init phase upload-certs`, with the key in it. null: a worker. */
  readonly uploadConfig: ((of: { readonly leader: HostName; readonly certificateKey: Secret }) => Content) | null
}

export interface Minted {
  readonly token: Secret
  readonly certificateKey: Secret | null
  /** `sha256:HEX` of the public key of every CA in the cluster's bundle. */
  readonly caCertHashes: readonly string[]
}

export const mint = async (leader: Writer, minting: Minting): Promise<Minted> => {
  const id = letters(6)
  const key = letters(16)
  const token = secret(`${id}.${key}`)
  const made = await leader.run(createToken(minting.ttlSeconds), {
    secrets: [token, secret(key)],
    stdin: bytesOf([tokenManifest({ id, key, node: minting.node })]),
    within: 120_000,
    output: 'secret',
    // The same token again.
    repeat: 'harmless',
  })
  const told = made.stdout.toString('utf8')
  await sign(leader, { content: clusterInfoIn(told), id, key })
  const minted = { token, caCertHashes: caHashes(told) }
  if (minting.uploadConfig === null) return { ...minted, certificateKey: null }
  const certificateKey = secret(randomBytes(32).toString('hex'))
  const config = minting.uploadConfig({ leader: leader.host, certificateKey })
  await leader.run(uploadCerts(minting.node), {
    secrets: [certificateKey],
    stdin: bytesOf(typeof config === 'string' ? [config] : config),
    within: 120_000,
    output: 'secret',
    // The later upload takes the place of the earlier; a proxy token that it leaves is revoked by its description.
    repeat: 'harmless',
  })
  return { ...minted, certificateKey }
}

/**
 * A joining host waits until cluster-info is signed with its token. The controller manager does that, but not in the ten seconds
 * after `kubeadm init` in which it starts, nor in the half minute in which it starts again because etcd had no quorum while it
 * grew to two members, and what it fails to write it does not try again. So the signature that it would write is written.
 */
const sign = async (
  leader: Writer,
  { content, ...token }: { readonly content: string | null; readonly id: string; readonly key: string },
): Promise<void> => {
  if (content === null) return
  await leader.run(join([leaderTools, signClusterInfo({ ...token, content })], ''), {
    within: 120_000,
    repeat: 'harmless',
  })
}

/** Everything minted for the node, by this run or an earlier one. */
export const revoke = async (leader: Writer, node: string): Promise<void> => {
  await leader.run(
    join(
      [
        leaderTools,
        sh`kube -n kube-system delete secret -l ${`${mintedLabel}=${node}`} >/dev/null || exit
`,
        revokeUnused,
      ],
      '',
    ),
    { within: 120_000, repeat: 'harmless' },
  )
}

/**
 * Tokens that kubeadm makes itself have no label of khactl's, they are known by their description: the one of `kubeadm init`,
 * which nobody uses, and that of an upload of certificates, which carries nothing but their expiry: one that a dead run was
 * still making loses its place to the next upload's.
 */
export const revokeUnused = sh`d=$(printf %s ${'Proxy for managing TTL for the kubeadm-certs secret'} | base64 -w 0)
i=$(printf %s ${initTokenDescription} | base64 -w 0)
t=$(kube -n kube-system get secrets --field-selector type=bootstrap.kubernetes.io/token -o go-template='{{range .items}}{{.metadata.name}} {{.data.description}}{{"\n"}}{{end}}' | awk -v d="$d" -v i="$i" '$2 == d || $2 == i { print $1 }')
[ -z "$t" ] || kube -n kube-system delete secret $t --ignore-not-found >/dev/null`

/** What kubeadm pins: SHA-256 of the CA's public key (RFC 7469), computed here as a bare host may lack openssl. */
export const caHashes = (pem: string): readonly string[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map((one) => {
    const key = new X509Certificate(one).publicKey.export({ type: 'spki', format: 'der' })
    return `sha256:${createHash('sha256').update(key).digest('hex')}`
  })

/** 36 letters do not divide 256: what lies beyond the last whole round is drawn again. */
const letters = (length: number): string => {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'
  let text = ''
  while (text.length < length) {
    const byte = randomBytes(1).readUInt8()
    if (byte < 252) text += alphabet.charAt(byte % 36)
  }
  return text
}

/** JSON is YAML. The expiry is the leader's clock's, which is the one that judges it. */
const tokenManifest = ({ id, key, node }: { id: string; key: string; node: string }): Secret =>
  secret(
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system', labels: { [mintedLabel]: node } },
      type: 'bootstrap.kubernetes.io/token',
      stringData: {
        description: `khactl: join of ${node}`,
        'token-id': id,
        'token-secret': key,
        expiration: '@EXPIRES@',
        'usage-bootstrap-authentication': 'true',
        'usage-bootstrap-signing': 'true',
        'auth-extra-groups': 'system:bootstrappers:kubeadm:default-node-token',
      },
    }),
  )

/** A write may meet etcd electing a leader while another master joins: tried for up to half a minute. */
const createToken = (ttlSeconds: number): Command =>
  join(
    [
      leaderTools,
      retry,
      sh`m=$(sed "s/@EXPIRES@/$(date -u -d ${`+${ttlSeconds} seconds`} +%Y-%m-%dT%H:%M:%SZ)/")
apply() { printf '%s' "$m" | kube apply --validate=false -f -; }
retry 30 apply || exit 1
cat /etc/kubernetes/pki/ca.crt`,
      printClusterInfo,
    ],
    '',
  )

/** kubeadm ties the Secret to a token of its own that only carries the expiry; both get the label, so both are revoked. */
const uploadCerts = (node: string): Command =>
  join(
    [
      leaderTools,
      sh`set -e
cat | kubeadm init phase upload-certs --upload-certs --config /dev/stdin >/dev/null
owner=$(kube -n kube-system get secret kubeadm-certs -o ${'jsonpath={.metadata.ownerReferences[*].name}'})
kube -n kube-system label --overwrite secret kubeadm-certs $owner ${`${mintedLabel}=${node}`} >/dev/null`,
    ],
    '',
  )

const bytesOf = (parts: readonly (string | Secret)[]): Uint8Array => Buffer.from(wire({ parts }))
