// os.firewall: where firewalld or ufw runs, what the host's roles need is let in; or they are switched off, or left.
import type { Task } from '../../model/playbook.js'
import { firewallOpen } from '../../steps/firewall.js'
import { ufwOff } from '../../steps/ufw-off.js'
import { unit } from '../../steps/unit.js'
import { openedPorts, sourcesOf, trustedSources } from '../../templates/firewall.js'
import { isNode } from '../../templates/hosts.js'

export const osFirewall: Task = {
  name: 'os.firewall',
  title: 'Let the cluster through the firewall',
  widest: null,
  kind: 'changes',
  stoppedBy: [],
  probes: 'unguarded',
  steps: ({ inventory, host }) => {
    const { firewall } = inventory.cluster.os
    if (firewall === 'leave') return []
    if (firewall === 'disable') return [unit({ name: 'firewalld', boot: 'disabled', run: 'stopped' }), ufwOff()]
    const openings = openedPorts(inventory, host).map((use) => ({
      ...use,
      // Asked for only where a firewall runs: everybody's list of everybody is large.
      get sources() {
        return sourcesOf(inventory, use)
      },
    }))
    return [firewallOpen({ address: host.nodeIP, openings, trusted: isNode(host) ? trustedSources(inventory) : [] })]
  },
}
