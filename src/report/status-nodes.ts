// Nodes, as a status tells them: ready, versions, pressure, and who cordoned what.
import { foldNames } from '../text/fold-names.js'
import { plainLine } from '../text/plain.js'
import { duration } from '../text/say.js'
import { change, failure, isFounded, lost, warning } from './status-problem.js'
import type { SeenNode, StatusSeen } from './status-seen.js'
import type { Area, StatusProblem } from './status-area.js'

export interface NodeView extends SeenNode {
  /** `none`: no host of the inventory has this name. */
  readonly host: 'known' | 'none'
}

export const nodesArea = (seen: StatusSeen): Area<readonly NodeView[] | null> => {
  const title = 'nodes'
  const { nodes, hosts } = seen
  if (nodes?.status !== 'known') {
    const why = nodes?.status === 'unreadable' ? plainLine(nodes.why) : 'no healthy master to ask'
    if (!isFounded(seen)) return { title, summary: 'none yet', table: [], problems: [], data: null }
    const problems = [failure({ where: '', what: `the nodes could not be read: ${why}`, hint: '' })]
    return { title, summary: `not told: ${why}`, table: [], problems, data: null }
  }
  const data = nodes.state.map((node): NodeView => ({
    ...node,
    host: hosts.some(({ name }) => name === node.name) ? 'known' : 'none',
  }))
  const ready = data.filter((node) => node.ready === 'yes')
  const away = data.filter((node) => node.ready === 'no').map(({ name }) => name)
  const cordoned = data.filter(({ cordon }) => cordon !== null).map(({ name }) => name)
  const versions = [...new Set(data.map(({ version }) => `v${version}`))].toSorted()
  const words = [
    `${ready.length} of ${data.length} Ready${away.length > 0 ? ` (not ${foldNames(away)})` : ''}`,
    versions.join(' and '),
    ...(cordoned.length > 0 ? [`cordoned: ${foldNames(cordoned)}`] : []),
  ]
  return {
    title,
    summary: words.join(', '),
    table: [],
    problems: data.flatMap((node) => nodeProblems(seen, node)),
    data,
  }
}

const nodeProblems = (seen: StatusSeen, node: NodeView): readonly StatusProblem[] => {
  const { name: where, version } = node
  const since = node.readySince === null ? '' : ` for ${duration((seen.now - node.readySince) * 1000)}`
  const host = seen.hosts.find(({ name }) => name === where)
  const absent = host === undefined || host.leaving !== null
  return [
    ...(node.host === 'none'
      ? [
          warning({
            where,
            what: 'a node that is no host of the inventory',
            hint: 'List it, or khactl remove it: kubectl get node says more',
          }),
        ]
      : []),
    ...(node.ready === 'no'
      ? [
          failure({
            where,
            what: `not Ready${since}: ${plainLine(node.why)}`,
            follows: lost(seen, where),
            hint: 'journalctl -eu kubelet on it',
          }),
        ]
      : []),
    ...node.pressures.map((pressure) =>
      warning({ where, what: `reports ${pressure}`, hint: `kubectl describe node ${where}` }),
    ),
    ...(node.cordon === null ? [] : [cordonProblem(seen, { where, cordon: node.cordon })]),
    ...(version !== seen.version && !absent
      ? [change({ where, what: `runs v${version}, the inventory says v${seen.version}`, hint: 'khactl plan' })]
      : []),
  ]
}

const cordonProblem = (
  { now }: StatusSeen,
  { where, cordon }: { readonly where: string; readonly cordon: NonNullable<SeenNode['cordon']> },
): StatusProblem => {
  const since = cordon.since === null ? '' : ` ${duration((now - cordon.since) * 1000)} ago`
  if (cordon.byKhactl !== null)
    return warning({
      where,
      what: `cordoned by ${cordon.byKhactl}${since}`,
      hint: 'It was not finished: the same command, or khactl up, goes on',
    })
  const by = cordon.manager === null ? 'somebody, not by khactl' : `somebody with ${cordon.manager}, not by khactl`
  return warning({ where, what: `cordoned by ${by}${since}`, hint: `kubectl uncordon ${where}, once they agree` })
}
