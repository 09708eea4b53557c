// os.hosts: the endpoint, haproxy hosts and masters are found by name, in a marked block of /etc/hosts.
import type { Task } from '../../model/playbook.js'
import { edit } from '../../steps/edit.js'
import { hostsFile, withHostsBlock } from '../../templates/os.js'

/** What a host without the file gets beside the block. */
const loopback = '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n'

export const osHosts: Task = {
  name: 'os.hosts',
  title: 'Know the hosts by name',
  widest: null,
  kind: 'changes',
  stoppedBy: [],
  probes: 'unguarded',
  steps: ({ inventory, host }) =>
    inventory.cluster.os.hostsFile === 'leave'
      ? []
      : [
          edit({
            id: 'hosts',
            title: `Keep the cluster's names in ${hostsFile.path}`,
            path: hostsFile.path,
            edit: (text) => withHostsBlock(text ?? loopback, { inventory, host }),
            to: 'the names this host needs',
          }),
        ],
}
