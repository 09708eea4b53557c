// The cluster forgets a node: its certificate requests, its lease, kubeadm's entry of its API server, its Node object.
import { all, map, see } from '../../../model/look.js'
import { step, type Change, type Step, type Writer } from '../../../model/step.js'
import { clusterNames, withoutHost } from '../../../facts/kubernetes/cluster-names.js'
import { leaderTools } from '../../../facts/kubernetes/leader-tools.js'
import { apiObject } from '../../../facts/kubernetes/object.js'
import { join, raw, sh } from '../../../text/sh.js'
import { patchConfigMap } from './patch.js'

type Have = {
  readonly node: 'present' | 'absent'
  /** The text of ClusterStatus, where it names the host. */
  readonly status: string | null
}

/** Id `node:forget:NAME`. Through the leader alone: the host may be long gone. */
export const forgetNodeStep = ({ name }: { readonly name: string }): Step =>
  step<Have>({
    id: `node:forget:${name}`,
    title: `Delete node ${name}`,
    look: map(
      all({ node: see(apiObject(`/api/v1/nodes/${name}`)), names: see(clusterNames()) }),
      ({ node, names: { status } }) => ({ node, status: status?.hosts.includes(name) ? status.text : null }),
    ),
    diff: ({ node, status }): readonly Change[] => [
      ...(status === null
        ? []
        : [
            { path: `ConfigMap kubeadm-config API server ${name}`, from: 'present', to: null, impact: 'none' as const },
          ]),
      ...(node === 'absent'
        ? []
        : [{ path: `node ${name}`, from: 'present', to: null, impact: 'membership' as const }]),
    ],
    writes: ['leader'],
    settle: { within: 20_000, every: 1000 },
    apply: async (at, { status }) => {
      const leader = await at.at('leader')
      await forgetRequests(leader, name)
      if (status !== null)
        await patchConfigMap(leader, {
          configMap: { namespace: 'kube-system', name: 'kubeadm-config', key: 'ClusterStatus' },
          from: status,
          to: withoutHost(status, name),
        })
      // Last, as it is what the next look goes by.
      await leader.run(
        join(
          [
            leaderTools,
            sh`kube -n kube-node-lease delete lease ${name} --ignore-not-found >/dev/null && kube delete node ${name} --ignore-not-found >/dev/null`,
          ],
          '',
        ),
        { within: 150_000 },
      )
    },
  })

/** Kubelets ask as themselves for a new certificate, and with a token for the first: then only the request names the node. */
const forgetRequests = async (leader: Writer, node: string): Promise<void> => {
  const list = raw(
    `kube get certificatesigningrequests -o go-template='{{range .items}}{{.metadata.name}} {{.spec.username}} {{.spec.request}}{{"\\n"}}{{end}}'`,
  )
  const { stdout } = await leader.run(join([leaderTools, list], ''), { output: 'secret' })
  const names = requestsOf(node, stdout.toString('utf8'))
  if (names.length === 0) return
  await leader.run(
    join([leaderTools, sh`kube delete certificatesigningrequest ${names} --ignore-not-found >/dev/null`], ''),
  )
}

/** `NAME USERNAME BASE64(PEM)` a line; in the request's DER a text is its kind, its length and its bytes. */
export const requestsOf = (node: string, lines: string): readonly string[] => {
  const subject = `system:node:${node}`
  const named = [0x0c, 0x13].map((kind) => Buffer.concat([Buffer.from([kind, subject.length]), Buffer.from(subject)]))
  return lines.split('\n').flatMap((line) => {
    const [name = '', username = '', request = ''] = line.split(' ')
    if (name === '') return []
    const pem = Buffer.from(request, 'base64').toString('latin1')
    const der = Buffer.from(pem.replaceAll(/-----[^-]+-----/g, ''), 'base64')
    return username === subject || named.some((bytes) => der.includes(bytes)) ? [name] : []
  })
}
