// inventory.forget: the entry of a host that is gone goes too, as the last of its removal.
import { operator } from '../../model/host.js'
import type { Task } from '../../model/playbook.js'
import { edit } from '../../steps/edit.js'
import { stepElsewhere } from '../../steps/endpoint/elsewhere.js'

export const inventoryForget: Task = {
  name: 'inventory.forget',
  title: 'Take the host out of the inventory',
  widest: 1,
  kind: 'changes',
  // What keeps a host from leaving keeps its entry.
  stoppedBy: ['haproxy', 'master'],
  steps: ({ host, entries }) => [
    stepElsewhere(
      operator,
      edit({
        id: 'inventory:entry',
        title: `Take ${host.name} out of ${entries.file}`,
        path: entries.file,
        edit: (text) => (text === null ? null : entries.without(text, host.name)),
        to: `without ${host.name}`,
      }),
    ),
  ],
}
