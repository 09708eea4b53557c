// What a living cluster must never show, as pure functions of the timeline.
import {
  endpointsOf,
  mastersOf,
  near,
  silenceMs,
  stretches,
  type Finding,
  type MasterSample,
  type Member,
  type Timeline,
} from './timeline.js'

type Rule = (timeline: Timeline) => readonly Finding[]

const longer = (found: readonly Omit<Finding, 'rule'>[], { rule, ms }: { rule: string; ms: number }) =>
  found.filter(({ from, to }) => to - from > ms).map((one): Finding => ({ rule, ...one }))

/** haproxy needs three failed checks, two seconds apart, to notice; a second more, for that is how often we look. */
export const unreadyBackends =
  (toleranceMs = 7000): Rule =>
  (timeline) => {
    const masters = mastersOf(timeline)
    const sightings = endpointsOf(timeline).flatMap(({ host, at, servers }) =>
      (servers ?? []).map(({ server, up }) => ({
        what: `${host} sends to ${server}, whose API server is not ready`,
        at,
        wrong: up && near(masters, { host: server, at })?.ready !== true,
      })),
    )
    return longer(stretches(sightings), { rule: 'backend not ready', ms: toleranceMs })
  }

const isOf = ({ name, address }: Member, sample: { readonly host: string; readonly address: string }): boolean =>
  name === sample.host || address === sample.address

/** Who is no master: who has no API server's manifest, or is in nobody's list of etcd's members. Dead members count as masters. */
export const strayBackends =
  (toleranceMs = 3000): Rule =>
  (timeline) => {
    const masters = mastersOf(timeline)
    const addresses = new Map(masters.map(({ host, address }) => [host, address]))
    const sightings = endpointsOf(timeline).flatMap(({ host, at, servers }) =>
      (servers ?? []).map(({ server }) => {
        const views = viewsAt(masters, at)
        const self = { host: server, address: addresses.get(server) ?? '' }
        const member = views.length === 0 || views.some((view) => view.some((one) => isOf(one, self)))
        const sample = near(masters, { host: server, at })
        return {
          what: `${host} is configured with ${server}, which is no master`,
          at,
          wrong: !member || sample?.installed === false,
        }
      }),
    )
    return longer(stretches(sightings), { rule: 'stray backend', ms: toleranceMs })
  }

const viewsAt = (masters: readonly MasterSample[], at: number): readonly (readonly Member[])[] =>
  [...new Set(masters.map(({ host }) => host))].flatMap((host) => {
    const sample = near(masters, { host, at })
    return sample?.ready === true && sample.members !== null ? [sample.members] : []
  })

/** A host is one that runs and has a control plane on it. */
export const orphanMembers =
  (toleranceMs = 5000): Rule =>
  (timeline) => {
    const masters = mastersOf(timeline)
    const names = new Map(masters.map(({ host, address }) => [host, address]))
    const sightings = masters.flatMap(({ host, at, ready, members }) =>
      (ready ? (members ?? []) : []).map((member) => ({
        what: `${host} lists the etcd member ${member.name || '(unnamed)'} ${member.address}, which no running host is`,
        at,
        wrong: ![...names].some(
          ([name, address]) =>
            isOf(member, { host: name, address }) && near(masters, { host: name, at })?.installed === true,
        ),
      })),
    )
    return longer(stretches(sightings), { rule: 'member without a host', ms: toleranceMs })
  }

/** Hosts look at the beginning of every second of their common clock, or later when the machine is busy; not before. */
const secondOf = (at: number): number => Math.floor((at + 20) / 1000) * 1000

const holdersBySecond = (
  timeline: Timeline,
): readonly { readonly at: number; readonly holders: readonly string[] }[] => {
  const seconds = new Map<number, Set<string>>()
  for (const { at, host, holdsVip } of endpointsOf(timeline)) {
    const holders = seconds.get(secondOf(at)) ?? new Set()
    if (holdsVip) holders.add(host)
    seconds.set(secondOf(at), holders)
  }
  return [...seconds].map(([at, holders]) => ({ at, holders: [...holders].toSorted() }))
}

/** In two samples running nobody may hold the VIP; in a third it is lost. */
export const vipLost: Rule = (timeline) =>
  longer(
    stretches(
      holdersBySecond(timeline).map(({ at, holders }) => ({
        what: 'nobody holds the VIP',
        at,
        wrong: holders.length === 0,
      })),
    ),
    { rule: 'VIP lost', ms: 1000 },
  )

const held: (timeline: Timeline) => readonly Omit<Finding, 'rule'>[] = (timeline) =>
  stretches(
    holdersBySecond(timeline).map(({ at, holders }) => ({
      what: 'several hosts hold the VIP',
      at,
      wrong: holders.length > 1,
    })),
  )

/** Hosts do not look at the very same moment, so that a VIP that moves in between may be seen twice, once: see `vipRaces`. */
export const vipTwice: Rule = (timeline) => longer(held(timeline), { rule: 'VIP held twice', ms: 0 })

/** Single seconds in which the VIP was seen on several hosts: not held against anybody, but told. */
export const vipRaces = (timeline: Timeline): readonly number[] =>
  held(timeline).flatMap(({ from, to }) => (from === to ? [from] : []))

/** A timeline with holes proves nothing: hosts that ought to be up and were not heard of, or whose haproxy was not. */
export const holes =
  ({ hosts, from, to }: { readonly hosts: readonly string[]; readonly from: number; readonly to: number }): Rule =>
  (timeline) =>
    hosts.flatMap((host) => {
      const seen = timeline
        .filter((one) => one.host === host && !(one.kind === 'endpoint' && one.servers === null))
        .map(({ at }) => at)
      const points = [from, ...seen.filter((at) => at > from && at < to), to]
      return points.slice(1).flatMap((at, index): Finding[] => {
        const last = points[index] ?? at
        return at - last > silenceMs
          ? [{ rule: 'not seen', what: `nothing was heard of ${host}`, from: last, to: at }]
          : []
      })
    })

/** All of them, with the usual tolerances. */
export const judge: Rule = (timeline) =>
  [unreadyBackends(), strayBackends(), orphanMembers(), vipLost, vipTwice].flatMap((rule) => rule(timeline))
