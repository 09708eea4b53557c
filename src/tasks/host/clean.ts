// host.clean: a host holds nothing of khactl any more: its files, repositories, holds and services; packages when told so.
import { placedFiles } from '../../facts/own-files.js'
import type { Inventory } from '../../model/inventory.js'
import { map, see } from '../../model/look.js'
import type { Scope, Task } from '../../model/playbook.js'
import type { Step } from '../../model/step.js'
import { dataGone } from '../../steps/data-gone.js'
import { edit } from '../../steps/edit.js'
import { firewallClose } from '../../steps/firewall-close.js'
import { foldersGone } from '../../steps/folders-gone.js'
import { given } from '../../steps/given.js'
import { holdsLifted } from '../../steps/hold-lifted.js'
import { marksGone } from '../../steps/marks-gone.js'
import { ownFilesGone } from '../../steps/own-files-gone.js'
import { packagesGone } from '../../steps/packages-gone.js'
import { unit } from '../../steps/unit.js'
import { openedPorts, sourcesOf, trustedSources } from '../../templates/firewall.js'
import { withoutHostsBlock, withoutMarks } from '../../templates/hosts-block-gone.js'
import { isNode } from '../../templates/hosts.js'
import { hostsFile } from '../../templates/os.js'
import { containerdConfigPath, endpointConfigs, heldOf, packagesOf, placesOf, type Part } from './places.js'
import { staysCheck } from './stays.js'

/**
 * `- host.clean: { of: every role }` clears a host whatever the inventory wants of it; the default clears what a host that
 * leaves no longer needs, and keeps what a role that stays does.
 */
export const hostClean: Task = {
  name: 'host.clean',
  title: 'Take khactl off the host',
  widest: null,
  kind: 'changes',
  stoppedBy: [],
  takes: { required: {}, optional: { of: { oneOf: ['every role'] } } },
  steps: (scope, args) => {
    const chosen = partsOf(scope, wholly(args))
    return chosen.length === 0 ? [] : cleaning(scope, chosen)
  },
}

const wholly = (args: unknown): boolean =>
  typeof args === 'object' && args !== null && 'of' in args && args.of === 'every role'

/** A service that reads khactl's file is khactl's; whoever runs one with a file of his own keeps it. */
const partsOf = ({ inventory, host }: Scope, all: boolean): readonly Part[] => {
  const stays = inventory.hosts.find(({ name }) => name === host.name)
  if (all || stays === undefined) return ['common', 'node', 'endpoint']
  return [
    ...(isNode(host) && !isNode(stays) ? (['node'] as const) : []),
    ...(host.roles.includes('haproxy') && !stays.roles.includes('haproxy') ? (['endpoint'] as const) : []),
  ]
}

const cleaning = (scope: Scope, chosen: readonly Part[]): readonly Step[] => {
  const { inventory, wishes } = scope
  const { cluster } = inventory
  const roles = chosen.filter((part) => part === 'common' || rolesOf(scope).includes(part))
  const packages = roles.flatMap((part) => packagesOf(part, cluster))
  const held = roles.flatMap((part) => heldOf(part, cluster))
  const places = {
    places: chosen.flatMap((part) => placesOf[part].places),
    folders: chosen.flatMap((part) => placesOf[part].folders),
  }
  const isCommon = chosen.includes('common')
  return [
    staysCheck(scope, { ...places, packages }),
    ...(chosen.includes('endpoint')
      ? [stopped('keepalived', endpointConfigs.keepalived), stopped('haproxy', endpointConfigs.haproxy)]
      : []),
    ...(chosen.includes('node') ? [stopped('containerd', containerdConfigPath)] : []),
    ...(held.length === 0 ? [] : [holdsLifted({ id: 'clean:holds', names: held })]),
    ...(isCommon ? [firewallClosed(inventory, scope)] : []),
    ...(isCommon ? [marksGone({ id: 'clean:sysctl-lines', edit: withoutMarks }), hostsBlock()] : []),
    ownFilesGone({ id: 'clean:files', title: 'Remove the files that khactl wrote', ...places }),
    ...(wishes.remove === 'packages' && packages.length > 0
      ? [packagesGone({ id: 'clean:packages', names: packages }), ...dataOf(scope, roles)]
      : []),
    ...(isCommon
      ? [
          foldersGone({
            id: 'clean:folders',
            title: "Remove khactl's own folders",
            paths: ownFolders,
            // They leave their jobs' outcomes there.
            after: ['kubeadm:leave', 'clean:packages'],
          }),
        ]
      : []),
  ]
}

/** Hold packages that are being carried over, outcomes of jobs, and what units were started with. */
const ownFolders = ['/var/lib/khactl', '/run/khactl']

const rolesOf = ({ host }: Scope): readonly Part[] => [
  ...(isNode(host) ? (['node'] as const) : []),
  ...(host.roles.includes('haproxy') ? (['endpoint'] as const) : []),
]

const stopped = (name: string, config: string): Step =>
  given(
    map(see(placedFiles(config)), (found) => found.some(({ line }) => line === 'ours')),
    { ...unit({ name, boot: 'disabled', run: 'stopped', title: `Stop ${name}` }), id: `clean:unit:${name}` },
  )

const hostsBlock = (): Step =>
  edit({
    id: 'clean:hosts',
    title: `Take the cluster's names out of ${hostsFile.path}`,
    path: hostsFile.path,
    edit: (text) => (text === null ? null : withoutHostsBlock(text)),
    to: "without khactl's block",
  })

const firewallClosed = (inventory: Inventory, { host }: Scope): Step => {
  const openings = openedPorts(inventory, host).map((use) => ({ ...use, sources: sourcesOf(inventory, use) }))
  const trusted = isNode(host) ? trustedSources(inventory) : []
  return firewallClose({ id: 'clean:firewall', address: host.nodeIP, openings, trusted })
}

const dataOf = ({ inventory }: Scope, roles: readonly Part[]): readonly Step[] =>
  roles.includes('node')
    ? [
        dataGone({
          id: 'clean:data',
          title: 'Remove the images and what else containerd and the kubelet kept',
          folders: [
            {
              path: inventory.cluster.containerd.dataRoot,
              isData: (entry) => entry.startsWith('io.containerd.') || entry === 'tmpmounts',
              of: 'images and containers',
            },
            { path: '/var/lib/kubelet', isData: () => true, of: "the kubelet's state" },
          ],
        }),
      ]
    : []
