// The endless scripts that look at a host at the beginning of every second, and what they print, read back.
import { askHaproxy, isUp, parseServers } from '../../../../src/facts/endpoint/stats-socket.js'
import { wire } from '../../../../src/model/command.js'
import type { EndpointSample, MasterSample, Member, Sample } from './timeline.js'

/** One that is asleep when the clock is set, or late because the machine is busy, looks at the next second again. */
const everySecond = (look: string): string => `
while :; do
  ms=$(date +%s%3N); left=$((1000 - ms % 1000)); [ $left -lt 1000 ] || left=999
  sleep "$(printf '0.%03d' $left)"
  echo "at $(date +%s%3N)"
  ${look}
  echo end
done`

export const endpointScript = (vip: string): string => `
${wire(askHaproxy)}
${everySecond(`! ip -o addr | grep -qF ' ${vip}/' || echo vip
  haproxy_says /run/haproxy-admin.sock 'show stat -1 4 -1' 2>/dev/null`)}`

export const masterScript = everySecond(`! [ -e /etc/kubernetes/manifests/kube-apiserver.yaml ] || echo installed
  echo "ready $(curl -qsk -m 2 -o /dev/null -w '%{http_code}' https://127.0.0.1:6443/readyz)"
  p=/etc/kubernetes/pki/etcd
  curl -qs -m 2 --cacert $p/ca.crt --cert $p/healthcheck-client.crt --key $p/healthcheck-client.key -d '{}' \\
    https://127.0.0.1:2379/v3/cluster/member/list 2>/dev/null && echo`)

export interface Watched {
  readonly host: string
  readonly address: string
  readonly kind: Sample['kind']
}

/** Cuts whole looks off a growing text; what is left is the beginning of the next. */
export const looksIn = (text: string): { readonly looks: readonly string[]; readonly rest: string } => {
  const parts = text.split(/^end\n/m)
  return { looks: parts.slice(0, -1), rest: parts.at(-1) ?? '' }
}

/** null: a look that began before this script did, or was cut short. */
export const sampleOf = (look: string, { host, address, kind }: Watched): Sample | null => {
  const lines = look.split('\n')
  const at = Number(/^at (\d{13})$/.exec(lines[0] ?? '')?.[1] ?? Number.NaN)
  if (Number.isNaN(at)) return null
  return kind === 'endpoint' ? endpoint(lines, { host, at }) : master(lines, { host, address, at })
}

const endpoint = (lines: readonly string[], { host, at }: { host: string; at: number }): EndpointSample => {
  const table = lines.slice(lines.findIndex((line) => line.startsWith('# ')))
  const servers = parseServers(table.join('\n'))
  return {
    kind: 'endpoint',
    host,
    at,
    holdsVip: lines.includes('vip'),
    servers:
      servers
        ?.filter(({ backend }) => backend === 'kubernetes-api')
        .map((server) => ({ server: server.server, up: isUp(server) })) ?? null,
  }
}

const master = (lines: readonly string[], about: { host: string; address: string; at: number }): MasterSample => ({
  kind: 'master',
  ...about,
  installed: lines.includes('installed'),
  ready: lines.includes('ready 200'),
  members: membersIn(lines.find((line) => line.startsWith('{')) ?? ''),
})

const membersIn = (json: string): readonly Member[] | null => {
  try {
    const { members = [] } = JSON.parse(json) as {
      members?: readonly { name?: string; peerURLs?: readonly string[] }[]
    }
    return members.map(({ name = '', peerURLs = [] }) => ({
      name,
      address: /\/\/\[?([^\]]+?)\]?:\d+$/.exec(peerURLs[0] ?? '')?.[1] ?? '',
    }))
  } catch {
    return null
  }
}
