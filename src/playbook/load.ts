// YAML → Playbook: every mistake at once, and a stage never wider than its tasks allow.
import * as z from 'zod'
import { KhactlError } from '../model/error.js'
import { selectors, type Playbook, type PlaybookStage, type Task } from '../model/playbook.js'
import { suggest } from '../text/suggest.js'
import { readYaml } from '../text/yaml.js'

const taskUse = z.union([
  z.string().transform((name) => ({ name, args: null as unknown })),
  z
    .record(z.string(), z.unknown())
    .refine((use) => Object.keys(use).length === 1, 'a task with arguments is one name with a mapping')
    .transform((use) => ({ name: Object.keys(use)[0] ?? '', args: Object.values(use)[0] })),
])

const stage = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and dashes'),
  on: z.enum(selectors),
  width: z.int().min(1).max(500).nullable().default(null),
  last: z.enum(['vip-holder']).nullable().default(null),
  after: z.array(z.string()).nullable().default(null),
  tasks: z.array(taskUse).min(1),
})

const shape = z.strictObject({ name: z.string().min(1), stages: z.array(stage).min(1) })

/** `file` only names the text in messages. Throws KhactlError `playbook.invalid` with all mistakes. */
export const loadPlaybook = (
  { file, text }: { readonly file: string; readonly text: string },
  registry: ReadonlyMap<string, Task>,
): Playbook => {
  const yaml = readYaml(text)
  const mistakes = yaml.mistakes.map(({ message }) => message)
  const parsed = shape.safeParse(yaml.value)
  if (!parsed.success) mistakes.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`))
  if (mistakes.length > 0 || !parsed.success) throw invalid(file, mistakes)
  const stages = parsed.data.stages
  const wrong = stages.flatMap((one, index) => stageMistakes(one, { earlier: stages.slice(0, index), registry }))
  if (wrong.length > 0) throw invalid(file, wrong)
  return { name: parsed.data.name, stages }
}

const stageMistakes = (
  stage: PlaybookStage,
  { earlier, registry }: { earlier: readonly PlaybookStage[]; registry: ReadonlyMap<string, Task> },
): readonly string[] => {
  const names = earlier.map(({ id }) => id)
  const mistakes: string[] = []
  if (names.includes(stage.id)) mistakes.push(`stage ${stage.id} stands there twice`)
  for (const id of stage.after ?? [])
    if (!names.includes(id)) mistakes.push(`stage ${stage.id}: after names ${id}, which is no stage above it`)
  for (const { name } of stage.tasks) {
    const task = registry.get(name)
    if (!task) mistakes.push(unknownTask(stage.id, name, [...registry.keys()]))
    else if (task.widest !== null && (stage.width ?? task.widest) > task.widest)
      mistakes.push(`stage ${stage.id}: width ${stage.width} is more than ${name} allows (${task.widest})`)
  }
  return mistakes
}

const unknownTask = (stage: string, name: string, names: readonly string[]): string => {
  const near = suggest(name, names)
  return `stage ${stage}: there is no task ${name}${near === null ? '' : `; did you mean ${near}?`}`
}

const invalid = (file: string, mistakes: readonly string[]): KhactlError =>
  new KhactlError('playbook.invalid', {
    message: `${file} is not a playbook khactl can run:\n${mistakes.map((one) => `  ${one}`).join('\n')}`,
    exit: 'usage',
  })
