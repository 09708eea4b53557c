// `user@host:port`, as ssh -J takes a host on the way.

export interface ShortHop {
  readonly address: string
  readonly user?: string
  readonly port?: number
}

/** null: not of this form. Whether user, address and port can exist is for the schema to say. */
export const parseHop = (text: string): ShortHop | null => {
  const match = /^(?:([^@\s]+)@)?([^@\s:/]+)(?::(\d{1,5}))?$/.exec(text)
  const [, user, address, port] = match ?? []
  if (address === undefined) return null
  return { address, ...(user !== undefined && { user }), ...(port !== undefined && { port: Number(port) }) }
}
