// Whether a host holds the virtual IP now: that host is changed last.
import { holdsAddress } from '../facts/endpoint/vip-holder.js'
import type { Inventory } from '../model/inventory.js'
import { see, type Look } from '../model/look.js'

export const holdsVip = ({ cluster: { endpoint } }: Inventory): Look<boolean> => see(holdsAddress(endpoint.vip))
