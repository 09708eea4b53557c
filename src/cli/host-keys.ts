// --host-keys on the command line goes before what the inventory says.
import type { Host } from '../model/inventory.js'

export const withHostKeys = (host: Host, hostKeys: 'accept-new' | 'strict' | null): Host =>
  hostKeys === null
    ? host
    : { ...host, ssh: { ...host.ssh, hostKeys, jump: host.ssh.jump.map((hop) => ({ ...hop, hostKeys })) } }
