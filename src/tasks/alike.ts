// Steps that are the same on every host of one kind: made once, however many hosts there are.
import type { Inventory, Kin } from '../model/inventory.js'
import type { Scope } from '../model/playbook.js'
import type { Step } from '../model/step.js'
import { isMember } from './member.js'

/** What such steps may depend on: nothing here tells two hosts of a kind apart, so no step can mean one of them. */
export interface KinScope {
  readonly inventory: Inventory
  readonly host: Kin
  /** A healthy member of the cluster. */
  readonly member: boolean
}

export const kinOf = (scope: Scope): KinScope => ({
  inventory: scope.inventory,
  host: scope.host,
  member: isMember(scope),
})

/** `more`: what else they depend on, as plain data. */
type Make<A extends readonly unknown[]> = (scope: KinScope, ...more: A) => readonly Step[]

/** Steps are looks and functions of what they are told: a thousand lanes can share them. */
export const alike = <A extends readonly unknown[]>(make: Make<A>): ((scope: Scope, ...more: A) => readonly Step[]) => {
  const made = new WeakMap<Inventory, Map<string, readonly Step[]>>()
  return (scope, ...more) => {
    const { inventory } = scope
    const { roles, kubeletConfiguration } = scope.host
    const member = isMember(scope)
    const ofInventory = made.get(inventory) ?? new Map<string, readonly Step[]>()
    made.set(inventory, ofInventory)
    const kind = JSON.stringify([roles, kubeletConfiguration, member, more])
    const steps = ofInventory.get(kind) ?? make({ inventory, host: { roles, kubeletConfiguration }, member }, ...more)
    ofInventory.set(kind, steps)
    return steps
  }
}
