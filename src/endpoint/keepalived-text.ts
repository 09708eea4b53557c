// keepalived.conf for a host: its interface is found there, from the subnet that holds nodeIP (R-O7).
import { network, type Network } from '../facts/endpoint/network.js'
import { unreadable, type Seen } from '../model/fact.js'
import type { Host, Inventory } from '../model/inventory.js'
import { always, chain, map, see, type Look } from '../model/look.js'
import type { ConfigText } from '../steps/endpoint/checked-config.js'
import { keepalivedConfig, keepalivedFile } from '../templates/keepalived.js'

export const keepalivedPath = keepalivedFile({ text: '', secret: false }).path

export const keepalivedText = (inventory: Inventory, host: Host): Look<ConfigText> =>
  map(interfaceOf(host), (name) => {
    const rendered = keepalivedConfig(inventory, { host, interface: name })
    return { ...rendered, mode: keepalivedFile(rendered).mode }
  })

/** The one the inventory names, else the one that holds nodeIP. */
export const interfaceOf = (host: Host): Look<string> =>
  host.interface === null
    ? chain(see(network()), (found) => ({ read: () => carrying(host, found) }))
    : always(host.interface)

const carrying = (host: Host, { addresses }: Network): Seen<string> => {
  const found = addresses.find(({ address }) => address === host.nodeIP)
  if (found) return { status: 'known', state: found.interface }
  const there = addresses.filter((one) => one.interface !== 'lo').map((one) => `${one.address} (${one.interface})`)
  return unreadable(`${host.nodeIP}, the node IP of ${host.name}, is on none of its interfaces: ${there.join(', ')}`)
}
