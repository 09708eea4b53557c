// A POSIX sh text in two forms: as it goes over the wire, and as it is shown, where secrets are `***`.
const secretBrand: unique symbol = Symbol('secret')

/** A value that no output may hold. It is a node in the command tree, so it survives quoting and joining. */
export interface Secret {
  readonly [secretBrand]: true
  /** The value itself: for the wire and for hashing, never for people. */
  reveal(): string
  toString(): '***'
  toJSON(): '***'
}

/** What the operator's tools print for it, by whatever way they print. */
export const secret = (value: string): Secret => {
  const shown = () => '***' as const
  const node: Secret = {
    [secretBrand]: true,
    reveal: () => value,
    toString: shown,
    toJSON: shown,
  }
  Object.defineProperty(node, Symbol.for('nodejs.util.inspect.custom'), { value: shown })
  return node
}

export const isSecret = (value: unknown): value is Secret =>
  typeof value === 'object' && value !== null && secretBrand in value

/** Text and secrets in order; both are already quoted for sh where they need to be. */
export interface Command {
  readonly parts: readonly (string | Secret)[]
}

export const wire = (command: Command): string =>
  command.parts.map((part) => (typeof part === 'string' ? part : part.reveal())).join('')

export const shown = (command: Command): string =>
  command.parts.map((part) => (typeof part === 'string' ? part : '***')).join('')

declare const readOnlyBrand: unique symbol
/** A command that changes nothing on the host. Minted only in facts/mint.ts. */
export type ReadOnly = Command & { readonly [readOnlyBrand]: true }
