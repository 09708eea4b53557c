// A restart is state: what makes a unit due, and what shows as a change, decided from facts alone.
import { describe, expect, test } from 'vitest'
import { absentFile, type FileState } from '../../src/facts/file.js'
import type { UnitState } from '../../src/facts/unit.js'
import { isStale, type UnitRead } from '../../src/steps/stamp.js'
import { unit, type UnitWanted } from '../../src/steps/unit.js'
import { intentWith, shownChanges } from '../support/sight.js'

const wanted = 'a'.repeat(64)
const other = 'b'.repeat(64)
const path = '/etc/x.conf'

const running: UnitState = {
  load: 'loaded',
  file: 'enabled',
  active: 'active',
  sub: 'running',
  result: 'success',
  exitStatus: 0,
  invocation: '1'.repeat(32),
  startedAt: 1000,
  reloadedAt: null,
  stateChange: '50',
  pid: 7,
  daemonReload: 'not-needed',
  condition: 'met',
  restarts: 0,
  stamp: null,
}
const missing: UnitState = { ...running, load: 'absent', file: '', active: 'inactive', sub: 'dead', startedAt: null }
const stamp = (sha256: string) => ({ invocation: running.invocation, stateChange: '50', reads: { [path]: sha256 } })
const config = (sha256: string, ctime: number): FileState => ({ ...absentFile, kind: 'file', sha256, ctime })

describe('a file that a running unit reads is stale', () => {
  const restart: UnitRead = { path, sha256: wanted, onChange: 'restart' }
  const reload: UnitRead = { path, sha256: wanted, onChange: 'reload' }
  test.each<[string, UnitRead, Partial<UnitState>, FileState, boolean]>([
    ['not: written before the start', restart, {}, config(wanted, 999), false],
    ['not: written in the second of the start', restart, {}, config(wanted, 1000), false],
    ['written after the start', restart, {}, config(wanted, 1001), true],
    ['another content, without a stamp', restart, {}, config(other, 1), true],
    ['not there yet', restart, {}, absentFile, true],
    ['not: touched after the start, with a stamp', restart, { stamp: stamp(wanted) }, config(wanted, 2000), false],
    [
      'not: tampered with, but the process runs with the wanted content',
      restart,
      { stamp: stamp(wanted) },
      config(other, 2000),
      false,
    ],
    ['written, and khactl died before the restart', restart, { stamp: stamp(other) }, config(wanted, 2000), true],
    [
      'somebody restarted it with other content',
      restart,
      { stamp: stamp(wanted), invocation: '2'.repeat(32) },
      config(other, 900),
      true,
    ],
    [
      'not: somebody restarted it later',
      restart,
      { stamp: stamp(other), invocation: '2'.repeat(32) },
      config(wanted, 900),
      false,
    ],
    ['not: somebody reloaded it after the change', reload, { reloadedAt: 3000 }, config(wanted, 2000), false],
    ['a reload does not do for a restart', restart, { reloadedAt: 3000 }, config(wanted, 2000), true],
    [
      'somebody reloaded it with other content',
      reload,
      { stamp: stamp(wanted), stateChange: '60' },
      config(other, 900),
      true,
    ],
  ])('%s', (_, read, state, file, stale) => {
    expect(isStale(read, { unit: { ...running, ...state }, file })).toBe(stale)
  })
})

describe('changes of a unit', () => {
  const spec: UnitWanted = {
    name: 'x',
    boot: 'enabled',
    run: 'running',
    reads: [{ path, sha256: wanted }],
    onChange: 'reload',
  }
  const facts = (state: UnitState, file: FileState) => ({ unit: () => state, file: () => file })

  test.each<[string, Partial<UnitWanted>, UnitState, FileState, readonly string[]]>([
    ['none', {}, running, config(wanted, 1), []],
    ['not installed', {}, missing, absentFile, ['unit x boot: absent → enabled', 'unit x state: absent → running']],
    ['disabled', {}, { ...running, file: 'disabled' }, config(wanted, 1), ['unit x boot: disabled → enabled']],
    [
      'enabled until the reboot only',
      {},
      { ...running, file: 'enabled-runtime' },
      config(wanted, 1),
      ['unit x boot: enabled-runtime → enabled'],
    ],
    [
      'stopped: starting it reads the file',
      {},
      { ...running, active: 'inactive', sub: 'dead' },
      config(wanted, 9999),
      ['unit x state: stopped → running'],
    ],
    [
      'crash-looping',
      {},
      { ...running, active: 'activating', sub: 'auto-restart' },
      config(wanted, 1),
      ['unit x state: activating (auto-restart) → running'],
    ],
    ['stale', {}, running, config(wanted, 2000), [`unit x configuration: another content of ${path} → as wanted`]],
    ['unwanted and absent', { boot: 'disabled', run: 'stopped', reads: [] }, missing, absentFile, []],
    [
      'to be masked',
      { boot: 'masked', run: 'stopped', reads: [] },
      running,
      absentFile,
      ['unit x boot: enabled → masked', 'unit x state: running → stopped'],
    ],
    ['left as it is', { boot: 'any', run: 'any', reads: [] }, missing, absentFile, []],
  ])('%s', (_, more, state, file, changes) => {
    expect(shownChanges(unit({ ...spec, ...more }), facts(state, file))).toEqual(changes)
  })

  test('one file that asks for a restart makes the whole a restart', () => {
    const reads: readonly UnitRead[] = [
      { path, sha256: wanted },
      { path: '/etc/drop-in', sha256: wanted, onChange: 'restart' },
    ]
    const { changes } = intentWith(unit({ ...spec, reads }), facts(running, config(wanted, 2000)))
    expect(changes.map(({ impact }) => impact)).toEqual(['restart'])
    const only = intentWith(unit(spec), facts(running, config(wanted, 2000)))
    expect(only.changes.map(({ impact }) => impact)).toEqual(['reload'])
  })
})
