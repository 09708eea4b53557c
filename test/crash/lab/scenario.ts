// What is interrupted: the commands of a cluster's life, each on what the one before it left.
import type { Lab } from '../../e2e/support/lab.js'
import { hostOf } from '../../lab/profiles.js'

export const scenarioNames = ['up', 'add-master', 'remove'] as const
export type ScenarioName = (typeof scenarioNames)[number]

export interface Scenario {
  readonly name: ScenarioName
  /** Before its first run, on the cluster that the scenarios before it made. */
  prepare(lab: Lab): Promise<void>
  readonly first: readonly string[]
  /** What an operator types after a run that died. */
  readonly again: readonly string[]
}

export const scenariosOf = (lab: Lab, name: string): readonly Scenario[] => {
  const { inventory } = lab
  const up = ['up', inventory]
  const host = `name=master-4,address=${hostOf(name, 'master-4', 'deb').address}`
  return [
    { name: 'up', prepare: () => Promise.resolve(), first: up, again: up },
    {
      name: 'add-master',
      prepare: async () => {
        const { status, stderr } = await lab.lab('boot', 'master-4')
        if (status !== 0) throw new Error(`boot master-4: ${stderr}`)
      },
      first: ['add-master', inventory, '--host', host],
      again: up,
    },
    { name: 'remove', prepare: () => Promise.resolve(), first: ['remove', 'master-1', '-i', inventory], again: up },
  ]
}
