// What a joining host trusts the cluster's address by: cluster-info, signed with its token (RFC 7515, content detached).
import { createHmac } from 'node:crypto'
import type { Command } from '../../model/command.js'
import { sh } from '../../text/sh.js'

const encode = (text: string): string => Buffer.from(text).toString('base64url')

/** As the controller manager's bootstrap signer writes it, byte for byte (k8s.io/cluster-bootstrap/token/jws). */
export const detachedSignature = (of: {
  readonly content: string
  readonly id: string
  readonly key: string
}): string => {
  const header = encode(JSON.stringify({ alg: 'HS256', kid: of.id }))
  const signature = createHmac('sha256', of.key)
    .update(`${header}.${encode(of.content)}`)
    .digest('base64url')
  return `${header}..${signature}`
}

const mark = '--- cluster-info ---'

/** Prints what is to be signed, behind a mark; nothing where there is none. */
export const printClusterInfo = sh`
printf '%s\n' ${mark}
kube -n kube-public get configmap cluster-info -o ${'jsonpath={.data.kubeconfig}'} --ignore-not-found`

/** null: the cluster has none. */
export const clusterInfoIn = (output: string): string | null => {
  const content = output.split(`${mark}\n`)[1] ?? ''
  return content === '' ? null : content
}

/** That it fails is no failure: the signer comes to it in its own time. No secret: anybody may read cluster-info. */
export const signClusterInfo = (of: Parameters<typeof detachedSignature>[0]): Command => {
  const patch = JSON.stringify({ data: { [`jws-kubeconfig-${of.id}`]: detachedSignature(of) } })
  return sh`kube -n kube-public patch configmap cluster-info --type merge --patch ${patch} >/dev/null || true`
}
