// What a task takes from a playbook, as data: the loader checks literal arguments against it.

/**
 * `text`, `words` (one or more) and `value` (a number or yes and no too) reach the task as strings, `path` is absolute,
 * `mode` becomes permission bits, `seconds` a whole number; of `file`, on the operator's machine, the task gets the bytes.
 */
export type ArgumentKind =
  'text' | 'value' | 'words' | 'path' | 'file' | 'mode' | 'seconds' | { readonly oneOf: readonly string[] }

export interface Arguments {
  readonly required: Readonly<Record<string, ArgumentKind>>
  readonly optional: Readonly<Record<string, ArgumentKind>>
  /** Of each of these groups exactly one is given. */
  readonly either?: readonly (readonly string[])[]
}
