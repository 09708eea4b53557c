// The inventory's text once a host's removal has come to its end.
import { KhactlError } from '../model/error.js'
import type { HostName } from '../model/host.js'
import type { Host } from '../model/inventory.js'
import { editInventory } from './edit.js'

/**
 * Without the entries that are marked. A plan is made before the mark is written, so of a host that stays in no role all
 * entries are meant; one that has no entry any more changes nothing.
 */
export const withoutHost = (
  text: string,
  { host, hosts }: { readonly host: HostName; readonly hosts: readonly Host[] },
): string => {
  const forgotten = editInventory(text, [{ kind: 'forget', host }])
  if (forgotten !== text || hosts.some(({ name }) => name === host)) return forgotten
  try {
    return editInventory(text, [
      { kind: 'mark-absent', host },
      { kind: 'forget', host },
    ])
  } catch (error) {
    if (error instanceof KhactlError) return text
    throw error
  }
}
