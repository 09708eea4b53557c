// haproxy.cfg in its two phases: with the masters that are there before the joins, and with those that are there after.
import { listedServers } from '../facts/endpoint/listed-servers.js'
import { haproxyServers } from '../facts/endpoint/stats-socket.js'
import type { Host } from '../model/inventory.js'
import { all, always, map, see, type Look } from '../model/look.js'
import type { Scope } from '../model/playbook.js'
import { check, type Problem, type Step } from '../model/step.js'
import { apiReady } from '../steps/endpoint/api-ready.js'
import { backInRotation } from '../steps/endpoint/back-in-rotation.js'
import { backendDrain } from '../steps/endpoint/drain.js'
import { haproxyConfig as haproxyStep } from '../steps/endpoint/haproxy-config.js'
import { apiBackend, haproxyConfig, haproxyFile, haproxySocket } from '../templates/haproxy.js'
import { backendsOf, listMatters, membersDiffer, namesOf, standing, type Backend } from './backends.js'
import { serverOf } from './rotation.js'

const first = 'config:haproxy'
const second = 'config:haproxy-members'

/** Id `config:haproxy`: for the masters before any joins or leaves. */
export const configBefore = (scope: Scope): Step =>
  haproxyStep({ ...common(scope, { backends: backendsOf(scope), when: 'before' }), id: first })

/** Id `config:haproxy-members`, and what leads to it; none when no master joins or leaves. */
export const configAfter = (scope: Scope): readonly Step[] => {
  const backends = backendsOf(scope)
  if (!membersDiffer(backends)) return []
  const leaving = backends.filter(({ part }) => part === 'leaves').map(({ host }) => serverOf(host))
  const joining = namesOf(backends, 'joins')
  return [
    // The last one that is up cannot be drained: it goes with the reload that brings its successors.
    ...(leaving.length === 0 || namesOf(backends, 'member').length === 0 ? [] : [backendDrain(leaving)]),
    haproxyStep({
      ...common(scope, { backends, when: 'after' }),
      id: second,
      after: [first],
      ...(joining.length === 0 ? {} : { guard: apiReady(joining) }),
    }),
  ]
}

/** What a run that died took out and did not put back; not of masters that are to leave. */
export const putBackSteps = (scope: Scope): readonly Step[] => {
  const [one, ...others] = backendsOf(scope)
    .filter(({ part }) => part === 'member')
    .map(({ host }) => serverOf(host))
  return one === undefined ? [] : [backInRotation([one, ...others])]
}

const common = ({ inventory }: Scope, phase: Phase) => ({
  path: haproxyFile.path,
  socket: haproxySocket,
  backend: apiBackend,
  wanted: map(mastersIn(phase), (masters) => ({
    mode: haproxyFile.mode,
    text: haproxyConfig(inventory, masters),
    secret: false,
  })),
})

interface Phase {
  readonly backends: readonly Backend[]
  readonly when: 'before' | 'after'
}

/** The file is asked only where it decides. */
const mastersIn = ({ backends, when }: Phase): Look<readonly Host[]> =>
  map(
    listMatters(backends, when) ? see(listedServers({ path: haproxyFile.path, backend: apiBackend })) : always([]),
    (listed) => standing(backends, { when, listed }),
  )

/** Id `backends-exact`: the running haproxy sends traffic to these masters, and to nobody else. */
export const exactBackends = (scope: Scope): Step =>
  check({
    id: 'backends-exact',
    title: 'Have the masters, and nobody else, behind haproxy',
    after: [first, second],
    settle: { within: 5000, every: 500 },
    look: all({
      servers: see(haproxyServers(haproxySocket)),
      masters: mastersIn({ backends: backendsOf(scope), when: 'after' }),
    }),
    problems: ({ servers, masters }) =>
      exactProblems({
        host: scope.host.name,
        running: servers.filter(({ backend }) => backend === apiBackend).map(({ server }) => server),
        wanted: masters.map(({ name }) => name),
      }),
  })

export const exactProblems = (of: {
  readonly host: string
  readonly running: readonly string[]
  readonly wanted: readonly string[]
}): readonly Problem[] => {
  const { host, running, wanted } = of
  const stray = running.filter((name) => !wanted.includes(name))
  const missing = wanted.filter((name) => !running.includes(name))
  const said = [
    ...stray.map((name) => `${name}, which is no master that stays`),
    ...missing.map((name) => `no ${name}`),
  ]
  if (said.length === 0) return []
  return [
    {
      level: 'failure',
      message: `the haproxy of ${host} has ${said.join(', and ')}`,
      hint: 'It runs with another configuration than the file: khactl up reloads it.',
    },
  ]
}
