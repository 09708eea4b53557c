// A systemd unit: starts at boot or not, runs or not, and runs with the files it reads as they are wanted.
import { fileState, type FileState } from '../facts/file.js'
import { unitName, unitState, type UnitState } from '../facts/unit.js'
import type { Command } from '../model/command.js'
import type { StepId } from '../model/fact.js'
import { all, each, see } from '../model/look.js'
import { step, type Change, type Step } from '../model/step.js'
import { join, raw, sh } from '../text/sh.js'
import { isStale, stamping, type UnitRead } from './stamp.js'

export interface UnitWanted {
  /** `haproxy`, `dev-sda2.swap`; without a suffix a service is meant. */
  readonly name: string
  /** `any`: left as it is. */
  readonly boot: 'enabled' | 'disabled' | 'masked' | 'any'
  readonly run: 'running' | 'stopped' | 'any'
  readonly reads?: readonly UnitRead[]
  /** What a change of a file it reads asks for; default `restart`. */
  readonly onChange?: 'restart' | 'reload'
  readonly after?: readonly StepId[]
  readonly title?: string
}

interface Have {
  readonly unit: UnitState
  /** In the order of `reads`. */
  readonly files: readonly FileState[]
}

/**
 * Id `unit:NAME`. Do not list the files it reads in `after`: their wanted hashes are in `reads`, so a plan can tell. On a
 * host where the unit is still to be installed the changes start from null.
 */
export const unit = (wanted: UnitWanted): Step => {
  const { name, reads = [], onChange = 'restart' } = wanted
  const full = unitName(name)
  return step<Have>({
    id: `unit:${name}`,
    title: wanted.title ?? titleOf(wanted),
    after: wanted.after ?? [],
    settle: { within: 15_000, every: 500 },
    look: all({ unit: see(unitState(name)), files: each(reads.map(({ path }) => see(fileState(path)))) }),
    diff: (have) => {
      const stale = staleReads({ ...wanted, reads, onChange }, have)
      return [
        ...bootChange(wanted, have.unit),
        ...runChange(wanted, have.unit),
        ...(stale.length === 0 ? [] : [configurationChange(name, stale)]),
      ]
    },
    apply: ({ self }, have) => {
      const stale = staleReads({ ...wanted, reads, onChange }, have)
      const move = moveOf(wanted, { unit: have.unit, stale })
      const stamp = stamping(name, move === null || move === 'stop' ? [] : reads.map(({ path }) => path))
      const script = [
        sh`set -e; u=${full}`,
        ...(have.unit.daemonReload === 'needed' || have.unit.load !== 'loaded' ? [raw('systemctl daemon-reload')] : []),
        ...bootCommands(wanted, have.unit),
        ...(move === null ? [] : [stamp.take, raw(moveScript(move)), stamp.leave]),
      ]
      return self.run(join(script, '\n'), { within: 300_000 })
    },
  })
}

type Stale = UnitRead & { readonly onChange: 'restart' | 'reload' }

/** Only a unit that runs, and is to go on running, can run with the wrong content. */
const staleReads = (
  { run, reads, onChange }: Required<Pick<UnitWanted, 'run' | 'reads' | 'onChange'>>,
  { unit: state, files }: Have,
): readonly Stale[] => {
  if (run === 'stopped' || !isRunning(state)) return []
  return reads.flatMap((read, index) => {
    const present = files[index]
    const one = { ...read, onChange: read.onChange ?? onChange }
    return present && isStale(one, { unit: state, file: present }) ? [one] : []
  })
}

export const isRunning = ({ active }: UnitState): boolean => active === 'active' || active === 'reloading'
const isStopped = ({ active }: UnitState): boolean => active === 'inactive' || active === 'failed'

const settledBoots = {
  enabled: ['enabled', 'static', 'alias', 'generated', 'indirect'],
  disabled: ['disabled', 'static', 'indirect', 'masked', ''],
  masked: ['masked'],
} as const

export const bootChange = ({ name, boot }: UnitWanted, state: UnitState): readonly Change[] => {
  if (boot === 'any' || (settledBoots[boot] as readonly string[]).includes(state.file)) return []
  return [{ path: `unit ${name} boot`, from: state.load === 'absent' ? null : state.file, to: boot, impact: 'none' }]
}

export const runChange = ({ name, run }: UnitWanted, state: UnitState): readonly Change[] => {
  if (run === 'any' || (run === 'running' ? isRunning(state) : isStopped(state))) return []
  const from = state.load === 'absent' ? null : stateText(state)
  return [{ path: `unit ${name} state`, from, to: run, impact: 'none' }]
}

const stateText = ({ active, sub, condition }: UnitState): string => {
  if (active === 'active') return 'running'
  if (active === 'inactive') return condition === 'unmet' ? 'stopped (a condition of the unit is not met)' : 'stopped'
  return sub === active ? active : `${active} (${sub})`
}

const configurationChange = (name: string, stale: readonly Stale[]): Change => ({
  path: `unit ${name} configuration`,
  from: `another content of ${stale.map(({ path }) => path).join(', ')}`,
  to: 'as wanted',
  impact: impactOf(stale),
})

const impactOf = (stale: readonly Stale[]): 'restart' | 'reload' =>
  stale.some(({ onChange }) => onChange === 'restart') ? 'restart' : 'reload'

type Move = 'start' | 'stop' | 'restart' | 'reload'

const moveOf = (
  wanted: UnitWanted,
  have: { readonly unit: UnitState; readonly stale: readonly Stale[] },
): Move | null => {
  if (runChange(wanted, have.unit).length > 0) return wanted.run === 'running' ? 'start' : 'stop'
  return have.stale.length === 0 ? null : impactOf(have.stale)
}

// A unit that crashed too often is refused a start until its counter is reset.
const moveScript = (move: Move): string =>
  `${move === 'reload' ? '' : 'systemctl reset-failed "$u" 2>/dev/null || true\n'}systemctl ${move} "$u" || {
  c=$?; journalctl -u "$u" -n 20 --no-pager -o cat >&2 || true; exit "$c"; }`

export const bootCommands = (wanted: UnitWanted, state: UnitState): readonly Command[] => {
  if (bootChange(wanted, state).length === 0) return []
  const unmask = state.file.startsWith('masked') && wanted.boot !== 'masked' ? ['systemctl unmask --quiet "$u"'] : []
  const verbs = { enabled: 'enable', disabled: 'disable', masked: 'mask', any: 'is-enabled' } as const
  return [...unmask, `systemctl ${verbs[wanted.boot]} --quiet "$u"`].map(raw)
}

const titleOf = ({ name, boot, run }: UnitWanted): string => {
  if (run === 'running') return `Run ${name}${boot === 'enabled' ? ', also after a reboot' : ''}`
  if (boot === 'masked') return `Mask ${name}`
  if (run === 'stopped') return `Stop ${name}`
  return boot === 'any' ? `Look after ${name}` : `Have ${name} ${boot} at boot`
}
