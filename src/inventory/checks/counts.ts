// How many hosts of each kind there are.
import { isLeaving } from '../hosts.js'
import type { Subject } from '../subject.js'
import { mistake, warning, type Problem } from '../problem.js'
import type { ListName } from '../schema/inventory.js'

export const countProblems = ({ draft, mentions }: Subject): readonly Problem[] => {
  const staying = mentions.filter((mention) => !isLeaving(mention))
  const count = (list: ListName) => staying.filter((mention) => mention.list === list).length
  const [haproxy, masters, workers] = [count('haproxy'), count('masters'), count('workers')]
  const allLeave = (list: ListName) => count(list) === 0 && mentions.some((mention) => mention.list === list)
  return [
    ...(draft.haproxy?.length === 0 ? [noHaproxy()] : []),
    ...(draft.masters?.length === 0 ? [noMasters()] : []),
    ...(allLeave('haproxy') ? [lastHaproxy()] : []),
    ...(allLeave('masters') ? [lastMaster()] : []),
    ...(haproxy === 1 ? [singleHaproxy()] : []),
    ...(masters > 0 && masters % 2 === 0 ? [evenMasters(masters)] : []),
    ...(masters > 0 && workers === 0 && (draft.workers ?? []).every((entry) => isLeaving({ entry: entry ?? {} }))
      ? [noWorkers()]
      : []),
  ]
}

const noHaproxy = () =>
  mistake('no-haproxy', {
    path: ['haproxy'],
    at: 'key',
    message: 'There is no haproxy host: nothing would carry the virtual IP',
    hint: 'List one or two hosts; masters may be listed here too, with another `cluster.endpoint.port` than 6443.',
  })

const noMasters = () =>
  mistake('no-masters', {
    path: ['masters'],
    at: 'key',
    message: 'There is no master: a cluster needs at least one',
    hint: 'List one master, or three for high availability: `masters: [{ name: master-1, address: 10.0.0.21 }]`.',
  })

const lastHaproxy = () =>
  mistake('no-haproxy', {
    path: ['haproxy'],
    at: 'key',
    message: 'Every haproxy host is marked as leaving: nothing would carry the virtual IP',
    hint: 'Add another one first (`khactl add-haproxy`), or take `state:` out of an entry.',
  })

const lastMaster = () =>
  mistake('no-masters', {
    path: ['masters'],
    at: 'key',
    message: 'Every master is marked as leaving: a cluster needs at least one',
    hint: 'Add another one first (`khactl add-master`); `khactl reset` takes the whole cluster apart.',
  })

const singleHaproxy = () =>
  warning('single-haproxy', {
    path: ['haproxy'],
    at: 'key',
    message: 'There is one haproxy host: when it is down, so is the API',
    hint: 'List a second one for high availability.',
  })

const evenMasters = (masters: number) =>
  warning('even-masters', {
    path: ['masters'],
    at: 'key',
    message: `With ${masters} masters the cluster survives the loss of ${masters / 2 - 1}, as with ${masters - 1}: etcd needs a majority`,
    hint: `Take ${masters - 1} or ${masters + 1}.`,
  })

const noWorkers = () =>
  warning('no-workers', {
    path: ['workers'],
    at: 'key',
    message: 'There is no worker: masters are tainted, so pods of your own would stay Pending',
    hint: 'List workers, or remove the taint from the masters afterwards.',
  })
