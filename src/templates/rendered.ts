// What a template yields when its text may hold a secret.

export interface Rendered {
  readonly text: string
  /** The text holds a secret: compare by hash, write 0600, never show. */
  readonly secret: boolean
}

/** Where a rendered file belongs on a host; owner and group are root. */
export interface Place {
  readonly path: string
  readonly mode: number
}
