// What systemd says of a unit, and which files' content its running process was started or reloaded with by khactl.
import { fact, known, unreadable, type Fact, type Kind } from '../model/fact.js'
import { sh } from '../text/sh.js'
import { readOnly } from './mint.js'

export interface UnitState {
  /** `absent`: no such unit. */
  readonly load: 'loaded' | 'absent' | 'masked' | 'error'
  /** UnitFileState: `enabled`, `disabled`, `static`, `masked`, …; empty when absent. */
  readonly file: string
  /** ActiveState: `active`, `inactive`, `failed`, `activating`, … */
  readonly active: string
  readonly sub: string
  /** `success`, `exit-code`, `start-limit-hit`, … */
  readonly result: string
  /** Exit status of the main process's last end. */
  readonly exitStatus: number
  /** Changes with every start, not with a reload; empty when it never ran. */
  readonly invocation: string
  /** Seconds since 1970 when the main process started, or the unit was activated; null: neither. */
  readonly startedAt: number | null
  /** Seconds since 1970 of its last reload; null: not since it started. */
  readonly reloadedAt: number | null
  /** Microseconds since boot of its last change of state, a reload included; text, to be compared only. */
  readonly stateChange: string
  /** Its main process, or null. */
  readonly pid: number | null
  /** The unit file changed since systemd read it. */
  readonly daemonReload: 'needed' | 'not-needed'
  /** `unmet`: a Condition… of the unit kept it from starting on this host. */
  readonly condition: 'met' | 'unmet'
  /** How often systemd restarted it by itself. */
  readonly restarts: number
  readonly stamp: UnitStamp | null
}

/** Written by whoever of khactl (re)starts or reloads the unit. */
interface UnitStamp {
  readonly invocation: string
  /** As `stateChange` then: a reload by somebody else shows. */
  readonly stateChange: string
  /** sha256 by path, of what lay there then. */
  readonly reads: Readonly<Record<string, string>>
}

/** A file per unit: InvocationID and `stateChange`, then `SHA256  PATH` lines. Gone after a reboot, as is the process. */
export const stampFolder = '/run/khactl/unit'

/** `haproxy` is `haproxy.service`. Throws for what systemd takes for no name: it would drop the answer silently. */
export const unitName = (name: string): string => {
  const full = /\.(service|socket|swap|timer|target|mount|path|slice)$/.test(name) ? name : `${name}.service`
  if (!/^[\w@%:.\\-]+$/.test(full)) throw new Error(`not a unit name: ${name}`)
  return full
}

const properties = [
  'Id',
  'LoadState',
  'UnitFileState',
  'ActiveState',
  'SubState',
  'Result',
  'ExecMainStatus',
  'ExecMainStartTimestamp',
  'InactiveExitTimestamp',
  'ActiveEnterTimestampMonotonic',
  'StateChangeTimestampMonotonic',
  'StateChangeTimestamp',
  'InvocationID',
  'MainPID',
  'NeedDaemonReload',
  'ConditionResult',
  'ConditionTimestamp',
  'NRestarts',
]

const kind: Kind<string, UnitState> = {
  name: 'unit',
  stays: 'host',
  cost: 'cheap',
  within: 15_000,
  // Builtins where they do: each program costs a millisecond on every look, and each unit that systemd does not have another.
  ask: (names) =>
    readOnly(sh`set -- ${names}
has() {
  case $1 in *@*) return 0;; *.service) ;; *) return 0;; esac
  for d in ${unitFolders}; do
    if [ -e "$d/$1" ] || [ -L "$d/$1" ]; then return 0; fi
  done
  return 1
}
there=
for u do
  if has "$u"; then there=\${there}1; else there=\${there}0; fi
  [ ! -r ${stampFolder}/"$u" ] || while IFS= read -r l; do printf '%s\n' "$l"; done <${stampFolder}/"$u"
  printf '\0'
done
printf '%s\0' "$there"
for u do shift; case $there in 1*) set -- "$@" "$u";; esac; there=\${there#?}; done
[ $# -eq 0 ] || systemctl show -p ${properties.join(',')} -- "$@"`),
  tell: ({ stdout, stderr }, names) => {
    const parts = stdout.toString('utf8').split('\0')
    const [stamps, [flags = '', shown = '']] = [parts.slice(0, names.length), parts.slice(names.length)]
    const asked = Array.from(flags, Number)
    const blocks = shown.trim() === '' ? [] : shown.trim().split(/\n\n+/)
    const count = asked.filter(Boolean).length
    if (blocks.length !== count || asked.length !== names.length) {
      const said = stderr.toString('utf8').trim().split('\n')[0]
      return names.map(() => unreadable(`systemctl show: ${said || `${blocks.length} of ${count} units told`}`))
    }
    return names.map((_, index) => {
      const place = asked.slice(0, index).filter(Boolean).length
      return known(parse(asked[index] ? (blocks[place] ?? '') : absent, stamps[index] ?? ''))
    })
  },
}

/** What systemd says of a unit that it has never heard of. */
const absent =
  'LoadState=not-found\nActiveState=inactive\nSubState=dead\nResult=success\nStateChangeTimestampMonotonic=0'

/** Where systemd finds units, and where one runs whose file is gone. */
const unitFolders = [
  ...['/etc/systemd/system.control', '/run/systemd/system.control', '/run/systemd/transient'],
  ...['/run/systemd/generator.early', '/etc/systemd/system', '/etc/systemd/system.attached', '/run/systemd/system'],
  ...['/run/systemd/system.attached', '/run/systemd/generator', '/usr/local/lib/systemd/system'],
  ...['/usr/lib/systemd/system', '/lib/systemd/system', '/run/systemd/generator.late'],
  ...['/sys/fs/cgroup/system.slice', '/sys/fs/cgroup/systemd/system.slice'],
]

/** Of one unit, with khactl's stamp. */
export const unitState = (name: string): Fact<UnitState> => fact(kind, unitName(name))

const parse = (block: string, stamp: string): UnitState => {
  const fields = new Map(
    block.split('\n').map((line): [string, string] => {
      const at = line.indexOf('=')
      return [line.slice(0, at), line.slice(at + 1)]
    }),
  )
  const text = (name: string) => fields.get(name) ?? ''
  const pid = Number(text('MainPID'))
  return {
    load: loadOf(text('LoadState')),
    file: text('UnitFileState'),
    active: text('ActiveState'),
    sub: text('SubState'),
    result: text('Result'),
    exitStatus: Number(text('ExecMainStatus') || 0),
    invocation: text('InvocationID'),
    startedAt: seconds(text('ExecMainStartTimestamp')) ?? seconds(text('InactiveExitTimestamp')),
    reloadedAt:
      text('ActiveEnterTimestampMonotonic') === text('StateChangeTimestampMonotonic')
        ? null
        : seconds(text('StateChangeTimestamp')),
    stateChange: text('StateChangeTimestampMonotonic'),
    pid: pid > 0 ? pid : null,
    daemonReload: text('NeedDaemonReload') === 'yes' ? 'needed' : 'not-needed',
    condition: text('ConditionResult') === 'no' && text('ConditionTimestamp') !== '' ? 'unmet' : 'met',
    restarts: Number(text('NRestarts') || 0),
    stamp: parseStamp(stamp),
  }
}

const loadOf = (state: string): UnitState['load'] => {
  if (state === 'loaded' || state === 'masked') return state
  return state === 'not-found' ? 'absent' : 'error'
}

/** `Fri 2025-11-21 01:22:00 UTC`: scripts run with TZ=UTC. */
const seconds = (stamp: string): number | null => {
  const match = /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC$/.exec(stamp)
  return match ? Date.parse(`${match[1]}T${match[2]}Z`) / 1000 : null
}

const parseStamp = (text: string): UnitStamp | null => {
  const [head = '', ...lines] = text.split('\n')
  const [, invocation, stateChange] = /^([0-9a-f]{32}) (\d+)$/.exec(head) ?? []
  if (invocation === undefined || stateChange === undefined) return null
  const reads = lines.flatMap((line): [string, string][] =>
    /^[0-9a-f]{64} {2}\//.test(line) ? [[line.slice(66), line.slice(0, 64)]] : [],
  )
  return { invocation, stateChange, reads: Object.fromEntries(reads) }
}
