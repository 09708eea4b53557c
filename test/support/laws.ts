// The laws every step keeps, checked on a host: a plan changes nothing, an apply converges, and so on (design.md §10).
import { expect } from 'vitest'
import type { Change, Step } from '../../src/model/step.js'
import { intentOf, writersOf, type TestHost } from './local-host.js'

interface Tampering {
  readonly name: string
  readonly by: () => void
  /** Paths of the changes it must show as: these and no others. */
  readonly shows: readonly string[]
}

export interface LawsOf {
  readonly host: TestHost
  /** In the order of a lane. */
  readonly steps: readonly Step[]
  /** Puts the host back to where the steps have everything to do. */
  readonly reset: () => void
  /** All that the steps could touch, as text. */
  readonly snapshot: () => string
  readonly tampering: readonly Tampering[]
}

export const changesOf = (host: TestHost, steps: readonly Step[]): readonly Change[] =>
  steps.flatMap((step) => intentOf(host, step).changes)

export const applyAll = async (host: TestHost, steps: readonly Step[]): Promise<void> => {
  for (const step of steps) {
    const intent = intentOf(host, step)
    if (intent.changes.length > 0) await intent.apply(writersOf(host))
  }
}

export const checkLaws = async (of: LawsOf): Promise<void> => {
  of.reset()
  planChangesNothing(of)
  await applyConverges(of)
  await secondApplyIsOk(of)
  for (const tampering of of.tampering) await tamperingShows(of, tampering)
  await diedApplyCanBeRerun(of)
}

const planChangesNothing = ({ host, steps, snapshot }: LawsOf): void => {
  const before = snapshot()
  expect(changesOf(host, steps)).not.toEqual([])
  expect(snapshot()).toBe(before)
}

const applyConverges = async ({ host, steps }: LawsOf): Promise<void> => {
  await applyAll(host, steps)
  expect(changesOf(host, steps)).toEqual([])
}

const secondApplyIsOk = async ({ host, steps, snapshot }: LawsOf): Promise<void> => {
  const before = snapshot()
  const { rounds } = host
  const sent = host.commands.length
  await applyAll(host, steps)
  expect(host.commands.length).toBe(sent)
  // Folded over all steps it is one request a host; step by step, as here, one a step.
  expect(host.rounds - rounds).toBe(steps.length)
  expect(snapshot()).toBe(before)
}

const tamperingShows = async ({ host, steps }: LawsOf, { name, by, shows }: Tampering): Promise<void> => {
  by()
  expect(
    changesOf(host, steps).map(({ path }) => path),
    name,
  ).toEqual(shows)
  await applyAll(host, steps)
  expect(changesOf(host, steps), name).toEqual([])
}

/** The link is lost before the nth command reached the host, or after it ran there. */
const diedApplyCanBeRerun = async ({ host, steps, reset }: LawsOf): Promise<void> => {
  for (const moment of ['before', 'after'] as const)
    for (let nth = 1; ; nth += 1) {
      reset()
      const died = await applyAll(dying(host, { nth, moment }), steps).then(
        () => false,
        () => true,
      )
      await applyAll(host, steps)
      expect(changesOf(host, steps), `died ${moment} command ${nth}`).toEqual([])
      if (!died) break
    }
}

const dying = (
  host: TestHost,
  { nth, moment }: { readonly nth: number; readonly moment: 'before' | 'after' },
): TestHost => {
  let sent = 0
  return {
    ...host,
    change: (command, options) => {
      sent += 1
      if (sent === nth && moment === 'before') throw new Error('the link is lost')
      const answer = host.change(command, options)
      if (sent === nth) throw new Error('the link is lost')
      return answer
    },
  }
}
