// What a kind of API endpoint must be able to do; one file under src/endpoint/ a kind.
import type { Endpoint, Host, Inventory } from '../model/inventory.js'
import type { Scope } from '../model/playbook.js'
import type { Step } from '../model/step.js'

export interface EndpointKind {
  readonly name: Endpoint['kind']
  /** The hosts that carry the endpoint, in the order of the inventory. */
  carriers(inventory: Inventory): readonly Host[]
  /** On a carrier, one at a time, the holder of the address last: before `init` and at any later time the same. */
  prepare(scope: Scope): readonly Step[]
  /** On a carrier, after masters joined and before others leave: it sends traffic to those that stay, and to no other. */
  members(scope: Scope): readonly Step[]
  /** On a host that is to leave, before the others forget it: it carries the endpoint no more. */
  leave(scope: Scope): readonly Step[]
  /** On the leader, at the end: the endpoint behaves as one. Checks only. */
  healthy(scope: Scope): readonly Step[]
}
