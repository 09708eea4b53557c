// os.time: a time service keeps the clock, now and after a reboot. One that already does so is left alone.
import { os, type Os } from '../../facts/os.js'
import { unitState } from '../../facts/unit.js'
import { all, always, each, map, see, type Look } from '../../model/look.js'
import type { Task } from '../../model/playbook.js'
import type { Step } from '../../model/step.js'
import { given } from '../../steps/given.js'
import { packages } from '../../steps/packages.js'
import { unit } from '../../steps/unit.js'
import { alike } from '../alike.js'

type Family = NonNullable<Os['family']>

/** Units and the family that calls them so. */
const services = {
  chrony: { package: 'chrony', units: { chrony: 'debian', chronyd: 'rhel' } },
  timesyncd: { package: 'systemd-timesyncd', units: { 'systemd-timesyncd': 'any' } },
} as const
const others = ['chrony', 'chronyd', 'systemd-timesyncd', 'ntpd', 'ntp', 'ntpsec', 'openntpd']

export const osTime: Task = {
  name: 'os.time',
  title: 'Keep the clock right',
  widest: null,
  kind: 'changes',
  stoppedBy: [],
  probes: 'unguarded',
  steps: alike(({ inventory }) => {
    const { time } = inventory.cluster.os
    if (time === 'leave') return []
    const service = services[time]
    const install = packages({
      id: `packages:${time}`,
      title: `Install ${service.package}`,
      want: [{ name: service.package, version: null }],
      hold: 'free',
      source: { source: 'host' },
    })
    const units = Object.entries<Family | 'any'>(service.units)
    const needed = map(kept(others.filter((name) => !(name in service.units))), (by) => by === 'nobody')
    return [given(needed, install), ...units.map(([name, family]) => given(both(needed, isFamily(family)), keep(name)))]
  }),
}

const keep = (name: string): Step =>
  unit({ name, boot: 'enabled', run: 'running', title: `Run ${name}, which keeps the clock` })

/** `somebody`: one of these units runs and will after a reboot. */
const kept = (names: readonly string[]): Look<'somebody' | 'nobody'> =>
  map(each(names.map((name) => see(unitState(name)))), (units) =>
    units.some(({ active, file }) => active === 'active' && file === 'enabled') ? 'somebody' : 'nobody',
  )

const isFamily = (family: Family | 'any'): Look<boolean> =>
  family === 'any' ? always(true) : map(see(os()), (host) => host.family === family)

const both = (left: Look<boolean>, right: Look<boolean>): Look<boolean> =>
  map(all({ left, right }), (answers) => answers.left && answers.right)
