// The checked step against this machine's sh, with systemctl and journalctl played by a script that keeps its state in files.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { isSecret, wire } from '../../src/model/command.js'
import { KhactlError } from '../../src/model/error.js'
import { always } from '../../src/model/look.js'
import { checkedConfig } from '../../src/steps/endpoint/checked-config.js'
import { raw } from '../../src/text/sh.js'
import { changesOf } from '../support/laws.js'
import { createHost, intentOf, writersOf, type TestHost } from '../support/local-host.js'

const root = mkdtempSync(join(tmpdir(), 'khactl-checked-'))
const path = join(root, 'etc/haproxy.cfg')
const state = join(root, 'state')
const bin = join(root, 'bin')
afterAll(() => rmSync(root, { recursive: true }))

// `good` lines may be loaded; a reload of a file with `crash` in it leaves the old worker, as haproxy does.
const systemctl = `#!/bin/sh
s=${state}; now() { date -u +'%a %Y-%m-%d %H:%M:%S UTC'; }
start() { grep -q crash ${path} && return 1; echo active >$s/active; echo 0123456789abcdef0123456789abcd$(($(cat $s/n)+10)) >$s/invocation; echo $(($(cat $s/n)+1)) >$s/n; now >$s/started; cp ${path} $s/loaded; }
echo "$*" >>$s/log
case $1 in
show) case $* in
  *ActiveState*--value*|*'ActiveState --value'*) cat $s/active;;
  *InvocationID*--value*) cat $s/invocation;;
  *StateChange*--value*) cat $s/changed;;
  *) printf 'Id=x.service\\nLoadState=loaded\\nUnitFileState=%s\\nActiveState=%s\\nSubState=x\\nResult=success\\nExecMainStatus=0\\nExecMainStartTimestamp=%s\\nInactiveExitTimestamp=%s\\nActiveEnterTimestampMonotonic=1\\nStateChangeTimestampMonotonic=%s\\nStateChangeTimestamp=%s\\nInvocationID=%s\\nMainPID=7\\nNeedDaemonReload=no\\nConditionResult=yes\\nConditionTimestamp=\\nNRestarts=0\\n' "$(cat $s/boot)" "$(cat $s/active)" "$(cat $s/started)" "$(cat $s/started)" "$(cat $s/changed)" "$(cat $s/reloaded)" "$(cat $s/invocation)";;
  esac;;
enable) echo enabled >$s/boot;;
reload) echo $(($(cat $s/changed)+1)) >$s/changed; now >$s/reloaded; grep -q crash ${path} || cp ${path} $s/loaded;;
restart|start) start;;
stop) echo inactive >$s/active;;
esac`

const functions = `check() { grep -q bad "$1" && { echo "line 1: bad"; return 1; }; return 0; }
before() { :; }
healthy() { cmp -s ${path} ${state}/loaded || { echo 'the new file is not in use' >&2; return 1; }; }`

const step = (text: string, more: { secret?: boolean; grievances?: readonly string[] } = {}) =>
  checkedConfig({
    id: 'config:haproxy',
    title: 'Run haproxy',
    path,
    wanted: always({ text, mode: 0o640, secret: more.secret ?? false }),
    daemon: { name: 'haproxy', functions: raw(functions), hint: 'Look.' },
    grievances: always(more.grievances ?? []),
  })

let host: TestHost
beforeEach(() => {
  rmSync(state, { recursive: true, force: true })
  rmSync(join(root, 'etc'), { recursive: true, force: true })
  for (const folder of [state, bin, join(root, 'etc')]) mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries({
    active: 'inactive',
    boot: 'disabled',
    started: '',
    invocation: '',
    n: '0',
    log: '',
    changed: '1',
    reloaded: '',
  }))
    writeFileSync(join(state, name), `${text}\n`)
  writeFileSync(join(bin, 'systemctl'), systemctl)
  writeFileSync(join(bin, 'journalctl'), '#!/bin/sh\necho "the journal"')
  for (const name of ['systemctl', 'journalctl']) chmodSync(join(bin, name), 0o755)
  const real = createHost()
  const moved = (command: Parameters<typeof real.send>[0]) => {
    const text = command.parts.some(isSecret) ? '' : wire(command).replaceAll('/run/khactl', join(root, 'state/run'))
    return raw(`PATH=${bin}:$PATH\n${text}`)
  }
  const send: TestHost['send'] = (command, options) => real.send(moved(command), options)
  host = { ...real, send, change: send }
})

const apply = (of: ReturnType<typeof step>) => intentOf(host, of).apply(writersOf(host))
const shownOf = (of: ReturnType<typeof step>) =>
  changesOf(host, [of]).map(({ path: what, from, to, impact }) =>
    `${what}: ${from} → ${to} [${impact}]`.replaceAll(root, ''),
  )
const failure = async (of: ReturnType<typeof step>): Promise<KhactlError> =>
  apply(of).then(
    () => Promise.reject(new Error('it worked')),
    (error: unknown) => error as KhactlError,
  )
const log = () =>
  readFileSync(join(state, 'log'), 'utf8')
    .split('\n')
    .filter((line) => /^(re)?(load|start)|^stop|^enable/.test(line))
const live = () => (existsSync(path) ? readFileSync(path, 'utf8') : null)
const files = () => readdirSync(join(root, 'etc'))
const clear = () => writeFileSync(join(state, 'log'), '')

describe('a checked configuration', () => {
  test('on a fresh host: written, enabled, started; then nothing more', async () => {
    expect(shownOf(step('good\n'))).toMatchInlineSnapshot(`
      [
        "/etc/haproxy.cfg: null → sha256:106675dc1490 [none]",
        "/etc/haproxy.cfg mode: null → 0640 [none]",
        "unit haproxy boot: disabled → enabled [none]",
        "unit haproxy state: stopped → running [none]",
      ]
    `)
    await apply(step('good\n'))
    expect(shownOf(step('good\n'))).toEqual([])
    expect(log()).toEqual(['enable --quiet haproxy.service', 'restart haproxy.service'])
    expect([live(), files(), statSync(path).mode & 0o777]).toEqual(['good\n', ['haproxy.cfg'], 0o640])
  })

  test('a change is a reload, with a diff', async () => {
    await apply(step('good\n'))
    clear()
    expect(shownOf(step('better\n'))).toMatchInlineSnapshot(`
      [
        "/etc/haproxy.cfg: sha256:106675dc1490 → sha256:4540489feedf [reload]",
      ]
    `)
    expect(changesOf(host, [step('better\n')])[0]?.text).toEqual({ from: 'good\n', to: 'better\n' })
    await apply(step('better\n'))
    expect(log()).toEqual(['reload haproxy.service'])
    expect(shownOf(step('better\n'))).toEqual([])
  })

  test('a refused file changes nothing', async () => {
    await apply(step('good\n'))
    clear()
    const error = await failure(step('bad\n'))
    expect([error.code, error.details.tail]).toEqual(['endpoint.refused', ['line 1: bad']])
    expect([live(), files(), log()]).toEqual(['good\n', ['haproxy.cfg'], []])
    expect(shownOf(step('good\n'))).toEqual([])
  })

  test('a file that does not work out is taken back', async () => {
    await apply(step('good\n'))
    clear()
    const error = await failure(step('crash\n'))
    expect([error.code, error.details.tail]).toEqual([
      'endpoint.restored',
      ['the new file is not in use', 'the journal'],
    ])
    expect([live(), files(), log()]).toEqual([
      'good\n',
      ['haproxy.cfg'],
      ['reload haproxy.service', 'reload haproxy.service'],
    ])
    expect(shownOf(step('good\n'))).toEqual([])
  })

  test('the first file that does not work out is removed, and the service stopped', async () => {
    await failure(step('crash\n'))
    expect([live(), files(), log().at(-1)]).toEqual([null, [], 'stop haproxy.service'])
  })

  test('died between rename and reload: heals, and a bad file left there is not what is restored', async () => {
    await apply(step('good\n'))
    writeFileSync(join(root, 'etc/.khactl-haproxy.cfg.old'), 'good\n')
    writeFileSync(path, 'crash\n')
    await failure(step('crash\nagain\n'))
    expect([live(), files()]).toEqual(['good\n', ['haproxy.cfg']])
    writeFileSync(path, 'better\n')
    clear()
    expect(shownOf(step('better\n'))).toMatchInlineSnapshot(`
      [
        "/etc/haproxy.cfg mode: 0644 → 0640 [none]",
        "unit haproxy configuration: another content of /etc/haproxy.cfg → as wanted [reload]",
      ]
    `)
    await apply(step('better\n'))
    expect(log()).toEqual(['reload haproxy.service'])
  })

  test('died between reload and its last command: what it kept is no file to go back to, and goes', async () => {
    await apply(step('good\n'))
    await apply(step('better\n'))
    writeFileSync(join(root, 'etc/.khactl-haproxy.cfg.old'), 'good\n')
    clear()
    expect(shownOf(step('better\n'))).toMatchInlineSnapshot(`
      [
        "/etc/haproxy.cfg before: kept by a run that died → null [reload]",
      ]
    `)
    await apply(step('better\n'))
    expect([live(), files(), log()]).toEqual(['better\n', ['haproxy.cfg'], ['reload haproxy.service']])
    expect(shownOf(step('better\n'))).toEqual([])
  })

  test('mode and boot alone are mended without a reload', async () => {
    await apply(step('good\n'))
    clear()
    chmodSync(path, 0o777)
    writeFileSync(join(state, 'boot'), 'disabled\n')
    expect(shownOf(step('good\n'))).toMatchInlineSnapshot(`
      [
        "/etc/haproxy.cfg mode: 0777 → 0640 [none]",
        "unit haproxy boot: disabled → enabled [none]",
      ]
    `)
    await apply(step('good\n'))
    expect([log(), statSync(path).mode & 0o777]).toEqual([['enable --quiet haproxy.service'], 0o640])
  })

  test('a stopped service is started; one that switched something off reads its files again', async () => {
    await apply(step('good\n'))
    writeFileSync(join(state, 'active'), 'failed\n')
    clear()
    expect(shownOf(step('good\n'))).toMatchInlineSnapshot(`
      [
        "unit haproxy state: failed (x) → running [none]",
      ]
    `)
    await apply(step('good\n'))
    expect(log()).toEqual(['restart haproxy.service'])
    clear()
    const unhappy = step('good\n', { grievances: ['Disabling track script x'] })
    expect(shownOf(unhappy)).toMatchInlineSnapshot(`
      [
        "unit haproxy content: Disabling track script x → nothing switched off [reload]",
      ]
    `)
    await apply(unhappy)
    expect(log()).toEqual(['reload haproxy.service'])
  })

  test('a secret one is never shown', async () => {
    await apply(step('good\n'))
    const changes = changesOf(host, [step('auth_pass hush\n', { secret: true })])
    expect(JSON.stringify(changes)).not.toContain('hush')
    expect(JSON.stringify(changes)).not.toContain('good')
  })
})
