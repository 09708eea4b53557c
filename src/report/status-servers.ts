// API servers, as a status tells them: each one's own readiness, its pods, and whether the endpoint answers the kubelets.
import { foldNames } from '../text/fold-names.js'
import { listed } from '../text/say.js'
import { failure, isFounded, isInside, lost, staying } from './status-problem.js'
import type { SeenHost, StatusSeen } from './status-seen.js'
import type { Area, StatusProblem } from './status-area.js'

export interface ServerView {
  readonly host: string
  /** `ok`, `failing`, `silent`, …; `not told`; null: the host has none. */
  readonly readyz: string | null
  /** Static pods that should run, and which of them do; null: not told. */
  readonly pods: { readonly wanted: readonly string[]; readonly running: readonly string[] } | null
}

export const serversArea = (seen: StatusSeen): Area<readonly ServerView[]> => {
  const masters = staying(seen, 'master')
  const data = masters.map(viewOf)
  const ready = data.filter(({ readyz }) => readyz === 'ok').map(({ host }) => host)
  const away = data.filter(({ readyz }) => readyz !== 'ok').map(({ host }) => host)
  const via = viaEndpoint(seen)
  const founded = isFounded(seen)
  const words = [
    `${ready.length} of ${masters.length} ready${away.length > 0 && ready.length > 0 ? ` (not ${foldNames(away)})` : ''}`,
    ...(via.asked === 0 ? [] : [`through the VIP ${via.answered} of ${via.asked} hosts are answered`]),
  ]
  return {
    title: 'API servers',
    summary: founded ? words.join(', ') : 'none yet',
    table: [],
    problems: founded ? [...masters.flatMap((host) => readyProblems(seen, host)), ...viaProblems(seen)] : [],
    data,
  }
}

const viewOf = ({ name, readyz, pods }: SeenHost): ServerView => ({
  host: name,
  readyz: readyz?.status === 'known' ? readyz.state : 'not told',
  pods: pods?.status === 'known' ? pods.state : null,
})

const readyProblems = (seen: StatusSeen, host: SeenHost): readonly StatusProblem[] => {
  const { name: where, readyz, pods } = host
  if (lost(seen, where) !== null) return [failure({ where, what: 'its API server was not asked', follows: where })]
  if (!isInside(host)) return []
  const idle = pods?.status === 'known' ? pods.state.wanted.filter((pod) => !pods.state.running.includes(pod)) : []
  return [
    ...(readyz?.status === 'known' && readyz.state !== 'ok'
      ? [failure({ where, what: `its API server is ${words(readyz.state)}`, hint: 'crictl ps -a; crictl logs on it' })]
      : []),
    ...(idle.length > 0
      ? [
          failure({
            where,
            what: `${listed(idle)} should run and ${idle.length === 1 ? 'does' : 'do'} not`,
            hint: 'journalctl -eu kubelet on it',
          }),
        ]
      : []),
  ]
}

const words = (readyz: string | null): string =>
  ({
    failing: 'not ready',
    silent: 'silent',
    refused: 'refusing its own client certificate',
    stranger: 'of another CA',
  })[readyz ?? ''] ?? 'not there'

/** Any HTTP answer but a 5xx is one of the API. */
const answers = ['ok', 'absent', 'refused']

const asked = ({ hosts }: StatusSeen) =>
  hosts.flatMap(({ name, viaEndpoint: via }) =>
    via?.status === 'known' && via.state !== null ? [{ name, answer: via.state }] : [],
  )

const viaEndpoint = (seen: StatusSeen): { readonly asked: number; readonly answered: number } => {
  const all = asked(seen)
  return { asked: all.length, answered: all.filter(({ answer }) => answers.includes(answer)).length }
}

const viaProblems = (seen: StatusSeen): readonly StatusProblem[] => {
  const all = asked(seen)
  const unanswered = all.filter(({ answer }) => !answers.includes(answer)).map(({ name }) => name)
  if (unanswered.length === 0) return []
  const what = `the API does not answer at ${seen.endpoint.vip}:${seen.endpoint.port}`
  const where = unanswered.length === all.length ? '' : ` when asked from ${foldNames(unanswered)}`
  return [
    failure({
      where: seen.endpoint.vip,
      what: `${what}${where}`,
      hint: `curl -k https://${seen.endpoint.vip}:${seen.endpoint.port}/readyz from there`,
    }),
  ]
}
