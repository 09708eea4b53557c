// --limit, --stage, --from and --parallel → what may be changed; a stage that is nowhere is refused with the nearest one.
import { KhactlError } from '../model/error.js'
import type { Inventory } from '../model/inventory.js'
import type { Playbook } from '../model/playbook.js'
import type { Cut } from '../playbook/compile.js'
import { suggest } from '../text/suggest.js'
import { limitHosts } from './limit.js'
import type { RunOptions } from './options.js'

export const cutOf = (
  options: Pick<RunOptions, 'limit' | 'stages' | 'from' | 'parallel'>,
  { inventory, playbook }: { readonly inventory: Inventory; readonly playbook: Playbook },
): Cut => {
  const stages = playbook.stages.map(({ id }) => id)
  for (const stage of [...options.stages, ...(options.from === null ? [] : [options.from])])
    if (!stages.includes(stage)) throw noStage(stage, stages)
  return {
    hosts: limitHosts(options.limit, inventory.hosts),
    stages: options.stages.length === 0 ? null : options.stages,
    from: options.from,
    width: options.parallel,
  }
}

const noStage = (stage: string, known: readonly string[]): KhactlError => {
  const near = suggest(stage, known)
  return new KhactlError('cli.stage', {
    message: `there is no stage ${stage}`,
    exit: 'usage',
    hint: near === null ? `The stages are: ${known.join(', ')}.` : `Did you mean ${near}?`,
  })
}
