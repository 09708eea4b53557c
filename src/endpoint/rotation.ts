// A master's API server as haproxy's hosts have it in rotation: for steps that restart it.
import type { Around } from '../steps/kubernetes/serving-certificate.js'
import { isReached } from '../model/host.js'
import type { Host } from '../model/inventory.js'
import type { Scope } from '../model/playbook.js'
import { putBack, takeOut, type Server } from '../steps/endpoint/rotation.js'
import { apiBackend, haproxySocket, serverAddress } from '../templates/haproxy.js'
import { hostsWith } from '../templates/hosts.js'

/** Keeps clients away from one API server while it restarts. */
/** Through every haproxy host that can be reached. */
export const aroundRestart = ({ inventory, observed }: Pick<Scope, 'inventory' | 'observed'>, master: Host): Around => {
  const carriers = hostsWith(inventory, 'haproxy')
    .map(({ name }) => name)
    .filter((name) => isReached(observed, name))
  const rotation = { carriers, server: serverOf(master) }
  return {
    hosts: carriers.map((host) => ({ host })),
    takeOut: async (at) => void (await takeOut(at, rotation)),
    putBack: (at) => putBack(at, rotation),
  }
}

export const serverOf = (host: Host): Server => ({
  name: host.name,
  peer: serverAddress(host),
  backend: apiBackend,
  socket: haproxySocket,
})
