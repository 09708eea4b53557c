// What happens alike on many hosts is one block with the hosts' names on top.

export interface Part {
  readonly host: string
  /** Rendered, as it will stand under the hosts. */
  readonly lines: readonly string[]
}

export interface Block {
  readonly hosts: readonly string[]
  readonly parts: readonly (readonly string[])[]
}

/** Parts in the order of the plan; blocks in the order of their first part, hosts in the order given. */
export const groupParts = (parts: readonly Part[], hosts: readonly string[]): readonly Block[] => {
  const byText = new Map<string, { readonly lines: readonly string[]; readonly on: Set<string> }>()
  for (const { host, lines } of parts) {
    const key = lines.join('\n')
    const found = byText.get(key) ?? { lines, on: new Set<string>() }
    byText.set(key, found)
    found.on.add(host)
  }
  const blocks = new Map<string, { readonly hosts: readonly string[]; readonly parts: (readonly string[])[] }>()
  for (const { lines, on } of byText.values()) {
    const names = hosts.filter((host) => on.has(host))
    const key = names.join(' ')
    const block = blocks.get(key) ?? { hosts: names, parts: [] }
    blocks.set(key, block)
    block.parts.push(lines)
  }
  return [...blocks.values()]
}
