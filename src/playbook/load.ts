// YAML → Playbook: every mistake at once with its place, and a stage never wider than its tasks allow.
import * as z from 'zod'
import { KhactlError } from '../model/error.js'
import { selectors, type Playbook, type PlaybookStage, type Task, type TaskUse } from '../model/playbook.js'
import { codeFrame, placeAt } from '../text/code-frame.js'
import { suggest } from '../text/suggest.js'
import { readYaml, type Span, type YamlFile, type YamlPath } from '../text/yaml.js'
import { checkArguments } from './arguments.js'

const taskUse = z.unknown().transform((value, context): TaskUse => {
  if (typeof value === 'string') return { name: value, args: null }
  const [use, ...more] =
    typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []
  if (use && more.length === 0) return { name: use[0], args: use[1] as unknown }
  context.addIssue({ code: 'custom', message: 'a task is a name, or one name with a mapping of arguments' })
  return z.NEVER
})

const stage = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and dashes'),
  on: z.enum(selectors),
  of: z.string().nullable().default(null),
  width: z.int().min(1).max(500).nullable().default(null),
  last: z.enum(['vip-holder']).nullable().default(null),
  after: z.array(z.string()).nullable().default(null),
  tasks: z.array(taskUse).min(1),
})

const shape = z.strictObject({
  name: z.string().min(1),
  membership: z.enum(['ignored']).optional(),
  stages: z.array(stage).min(1),
})

interface Mistake {
  readonly span: Span
  readonly message: string
}
type Registry = ReadonlyMap<string, Task>

/** `file` only names the text in messages. Throws KhactlError `playbook.invalid` with all mistakes. */
export const loadPlaybook = (
  { file, text }: { readonly file: string; readonly text: string },
  registry: Registry,
): Playbook => {
  const yaml = readYaml(text)
  const refuse = (mistakes: readonly Mistake[]) => invalid({ file, text }, mistakes)
  if (yaml.mistakes.length > 0) throw refuse(yaml.mistakes.map((one) => ({ span: one, message: one.message })))
  const parsed = shape.safeParse(yaml.value)
  if (!parsed.success)
    throw refuse(
      parsed.error.issues.map((issue) => {
        const path = issue.path.filter((part) => typeof part !== 'symbol')
        return { span: yaml.span(path, 'value'), message: `${path.join('.') || 'the playbook'}: ${issue.message}` }
      }),
    )
  const read = parsed.data.stages.map((one, index) =>
    readStage(one, { yaml, path: ['stages', index], earlier: parsed.data.stages.slice(0, index), registry }),
  )
  const wrong = read.flatMap(({ mistakes }) => mistakes)
  if (wrong.length > 0) throw refuse(wrong)
  return { ...parsed.data, stages: read.map((one) => one.stage) }
}

interface StageContext {
  readonly yaml: YamlFile
  readonly path: YamlPath
  readonly earlier: readonly PlaybookStage[]
  readonly registry: Registry
}

const readStage = (
  stage: PlaybookStage,
  context: StageContext,
): { readonly stage: PlaybookStage; readonly mistakes: readonly Mistake[] } => {
  const { yaml, path, earlier } = context
  const names = earlier.map(({ id }) => id)
  const at = (key: string, message: string): Mistake => ({ span: yaml.span([...path, key], 'value'), message })
  const uses = stage.tasks.map((use, index) => readUse(use, { ...context, stage, path: [...path, 'tasks', index] }))
  const mistakes = [
    ...(names.includes(stage.id) ? [at('id', `stage ${stage.id} stands there twice`)] : []),
    ...(stage.after ?? [])
      .filter((id) => !names.includes(id))
      .map((id) => at('after', `stage ${stage.id}: after names ${id}, which is no stage above it`)),
    ...uses.flatMap((use) => use.mistakes),
  ]
  return { stage: { ...stage, tasks: uses.map(({ use }) => use) }, mistakes }
}

const readUse = (
  use: TaskUse,
  { yaml, path, registry, stage }: StageContext & { readonly stage: PlaybookStage },
): { readonly use: TaskUse; readonly mistakes: readonly Mistake[] } => {
  const { name, args } = use
  const task = registry.get(name)
  const span = yaml.span(args === null ? path : [...path, name], 'key')
  if (!task) return { use, mistakes: [{ span, message: unknownTask(stage.id, name, [...registry.keys()]) }] }
  const { widest } = task
  const tooWide =
    widest !== null && (stage.width ?? widest) > widest
      ? [{ span, message: `stage ${stage.id}: width ${stage.width} is more than ${name} allows (${widest})` }]
      : []
  const checked = checkArguments(task.takes, { name, args, yaml, path: [...path, name] })
  const faults = checked.mistakes.map((one) => ({
    span: yaml.span(one.path, 'value'),
    message: `stage ${stage.id}: ${one.message}`,
  }))
  return { use: { name, args: checked.args }, mistakes: [...tooWide, ...faults] }
}

const unknownTask = (stage: string, name: string, names: readonly string[]): string => {
  const near = suggest(name, names)
  return `stage ${stage}: there is no task ${name}; ${near === null ? `there are ${names.join(', ')}` : `did you mean ${near}?`}`
}

const invalid = (
  { file, text }: { readonly file: string; readonly text: string },
  mistakes: readonly Mistake[],
): KhactlError =>
  new KhactlError('playbook.invalid', {
    message: [
      `${file} is not a playbook khactl can run:`,
      ...mistakes
        .toSorted((left, right) => left.span.from - right.span.from)
        .flatMap(({ span, message }) => {
          const { line, column } = placeAt(text, span.from)
          return [
            `${file}:${line}:${column} ${message}`,
            ...codeFrame(text, span)
              .split('\n')
              .map((one) => `  ${one}`),
          ]
        }),
    ].join('\n'),
    exit: 'usage',
  })
