// The leaves of the schema: a zod type with its check, its description for editors and an example for messages.
import * as z from 'zod'

/** What is wrong with a value and what to write instead. */
export interface Fault {
  readonly code: string
  readonly message: string
  readonly hint: string
}

export interface LeafMeta {
  /** One line for editors and docs. */
  readonly description: string
  readonly example: string | number
  /** What khactl takes when the key is missing, in words or as the value. */
  readonly otherwise?: string
  /** For editors only; `check` is what counts. */
  readonly pattern?: string
}

export const text = (meta: LeafMeta, check: (value: string) => Fault | null = notEmpty) =>
  z
    .string()
    .superRefine((value, ctx) => report(ctx, value === '' ? notEmpty(value) : check(value)))
    .meta(registered(meta))

export const integer = (meta: LeafMeta & { readonly from: number; readonly to: number }) => {
  const { from, to } = meta
  return z
    .number()
    .superRefine((value, ctx) => {
      if (Number.isInteger(value) && value >= from && value <= to) return
      const hint = `Write ${meta.example}, for example.`
      report(ctx, { code: 'out-of-range', message: `${value} is not a whole number from ${from} to ${to}`, hint })
    })
    .meta({ ...registered(meta), type: 'integer', minimum: from, maximum: to })
}

/** One of a few words. A word of `notYet` is refused with its line. */
export const word = <const W extends string>(
  words: readonly [W, ...W[]],
  meta: LeafMeta & { readonly notYet?: Readonly<Record<string, string>> },
) => z.enum(words).meta({ ...registered(meta), ...(meta.notYet && { notYet: meta.notYet }) })

export const flag = (meta: Omit<LeafMeta, 'example'>) => z.boolean().meta(registered({ ...meta, example: 'true' }))

/** A free mapping that is merged into what khactl renders. */
export const settings = (description: string, example: string) =>
  z.record(z.string(), z.unknown()).meta(registered({ description, example }))

/** What the schema knows of a part, for messages: kept under keys that JSON Schema ignores. */
export interface Known {
  readonly description?: string
  readonly example?: string | number
  readonly otherwise?: string
  readonly notYet?: Readonly<Record<string, string>>
  /** The word `ask` stands for a question on the terminal. */
  readonly asks?: boolean
}

const registered = ({ description, example, otherwise, pattern }: LeafMeta) => ({
  description: otherwise === undefined ? description : `${description} Default: ${otherwise}.`,
  example,
  ...(pattern === undefined ? {} : { pattern }),
})

const notEmpty = (value: string): Fault | null =>
  value.trim() === '' ? { code: 'empty', message: 'the text is empty', hint: 'Give a value, or remove the key.' } : null

const report = (ctx: z.core.$RefinementCtx, fault: Fault | null): void => {
  if (fault === null) return
  ctx.addIssue({ code: 'custom', message: fault.message, params: { code: fault.code, hint: fault.hint } })
}
