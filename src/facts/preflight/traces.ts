// Traces of Kubernetes that a fresh host should not have.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { raw } from '../../text/sh.js'
import { readOnly } from '../mint.js'

export interface Traces {
  /** Paths that somebody's cluster left. */
  readonly paths: readonly string[]
  /** CNI configurations; podman and CRI-O bring their own. */
  readonly cni: readonly string[]
}

const script = `for p in /etc/kubernetes/manifests/* /var/lib/etcd/member /etc/kubernetes/*.conf /etc/kubernetes/pki/ca.crt /var/lib/kubelet/pki/kubelet-client-current.pem; do [ ! -e "$p" ] || echo "path $p"; done
for p in /etc/cni/net.d/*.conf /etc/cni/net.d/*.conflist; do [ ! -e "$p" ] || echo "cni $p"; done
echo end`

const kind: Kind<null, Traces> = {
  name: 'traces',
  stays: 'host',
  cost: 'cheap',
  within: 5000,
  ask: () => readOnly(raw(script)),
  tell: ({ stdout, stderr }, args) => {
    const text = stdout.toString('utf8')
    const seen = text.endsWith('end\n')
      ? known(parseTraces(text))
      : unreadable(`traces: ${stderr.toString('utf8').trim().slice(0, 200)}`)
    return args.map(() => seen)
  },
}

export const traces = (): Fact<Traces> => fact(kind, null)

export const parseTraces = (text: string): Traces => {
  const words = (word: string): readonly string[] =>
    [...text.matchAll(new RegExp(`^${word} (.*)$`, 'gm'))].map((match) => match[1] ?? '')
  return { paths: words('path'), cni: words('cni') }
}
