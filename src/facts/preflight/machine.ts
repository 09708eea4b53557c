// What the machine is under the operating system: its size, its identity, and what its kernel and init offer.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { raw } from '../../text/sh.js'
import { readOnly } from '../mint.js'

export interface Machine {
  readonly cpus: number
  readonly memoryMiB: number
  /** Name of process 1. */
  readonly init: string
  readonly uid: number
  /** What /sys/fs/cgroup is; `none`: nothing is mounted there. */
  readonly cgroup: 'v1' | 'v2' | 'none'
  /** `systemd-nspawn`, `lxc`, `docker`, …; null: a virtual or a physical machine. */
  readonly container: string | null
  /** null: there is none. */
  readonly machineId: string | null
  /** Of the firmware; null: not readable. In a container it is the machine's around it. */
  readonly productUuid: string | null
  readonly hostname: string
  /** Nameservers of /etc/resolv.conf; null: there is no such file. */
  readonly nameservers: readonly string[] | null
  /** Mount options of /tmp; null: no file system of its own. */
  readonly tmp: string | null
  /** Lines of /etc/environment that set a proxy, without passwords. */
  readonly proxies: readonly string[]
}

const kind: Kind<null, Machine> = {
  name: 'machine',
  stays: 'host',
  cost: 'cheap',
  within: 10_000,
  ask: () =>
    readOnly(
      // Builtins where they do: each program costs a millisecond on every look.
      raw(`p() { printf '%s\\0' "$1"; }
first() { v=; [ ! -r "$1" ] || read -r v 2>/dev/null <"$1" || :; p "$v"; }
read -r _ v _ </proc/meminfo; p "$v"
first /proc/1/comm
u=; while read -r k v _; do case $k in Uid:) u=$v;; Cpus_allowed_list:) p "$v"; break;; esac; done </proc/self/status; p "$u"
if [ -r /run/systemd/container ]; then v=; read -r v </run/systemd/container || :; p "$v"; elif [ -e /.dockerenv ]; then p docker; else p ''; fi
first /etc/machine-id
first /sys/class/dmi/id/product_uuid
first /proc/sys/kernel/hostname
[ ! -e /etc/resolv.conf ] || { echo there; while read -r k v _; do [ "$k" != nameserver ] || echo "$v"; done </etc/resolv.conf; }; p ''
sed -n 's,^[^ ]* \\(/tmp\\|/sys/fs/cgroup\\) \\([^ ]*\\) \\([^ ]*\\).*,\\1 \\2 \\3,p' /proc/self/mounts; p ''
[ ! -s /etc/environment ] || sed -n 's,//[^@/]*@,//***@,; /_proxy=/Ip' /etc/environment; p ''
p end`),
    ),
  tell: ({ stdout, stderr }, args) => {
    const machine = parseMachine(stdout.toString('utf8'))
    const seen = machine ? known(machine) : unreadable(`machine: ${stderr.toString('utf8').trim().slice(0, 200)}`)
    return args.map(() => seen)
  },
}

export const machine = (): Fact<Machine> => fact(kind, null)

export const parseMachine = (text: string): Machine | null => {
  const fields = text.split('\0')
  if (fields[11] !== 'end') return null
  const [
    memory,
    init = '',
    cpus = '',
    uid,
    container,
    id,
    uuid,
    hostname = '',
    resolv = '',
    mounts = '',
    proxies = '',
  ] = fields
  // What is mounted last at a place hides what was there before.
  const mount = (at: string) =>
    linesOf(mounts)
      .findLast((line) => line.startsWith(`${at} `))
      ?.split(' ')
  const cgroup = mount('/sys/fs/cgroup')?.[1]
  const [there, ...nameservers] = linesOf(resolv)
  return {
    cpus: countOf(cpus),
    memoryMiB: Math.floor(Number(memory) / 1024),
    init,
    uid: Number(uid),
    cgroup: cgroup === 'cgroup2' ? 'v2' : cgroup === 'tmpfs' ? 'v1' : 'none',
    container: container || null,
    machineId: id || null,
    productUuid: uuid?.toLowerCase() || null,
    hostname,
    nameservers: there === undefined ? null : nameservers.map((line) => line.trim()),
    tmp: mount('/tmp')?.[2] ?? null,
    proxies: linesOf(proxies),
  }
}

/** `0-3,6`: what nproc counts. */
const countOf = (list: string): number =>
  list.split(',').reduce((sum, range) => {
    const [from = 0, to = from] = range.split('-').map(Number)
    return sum + to - from + 1
  }, 0)

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line.trim() !== '')
