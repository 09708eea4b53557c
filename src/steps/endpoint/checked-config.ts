// A configuration that can take the API down: candidate, check, rename, reload, health, else the previous file. One step.
import { fileState, type FileState } from '../../facts/file.js'
import { unitName, unitState, type UnitState } from '../../facts/unit.js'
import type { Command } from '../../model/command.js'
import { KhactlError } from '../../model/error.js'
import type { StepId } from '../../model/fact.js'
import type { HostName } from '../../model/host.js'
import { all, always, chain, map, see, type Look } from '../../model/look.js'
import type { Answer } from '../../model/session.js'
import { step, type Change, type Step, type Writer, type Writers } from '../../model/step.js'
import { join, raw, sh } from '../../text/sh.js'
import { contentChange, contentHash, ownerChange, presentMode, withText, type FileHave } from '../file.js'
import { octal } from '../put.js'
import { isStale, stamping } from '../stamp.js'
import { bootChange, bootCommands, isRunning, runChange } from '../unit.js'

export interface ConfigText {
  readonly mode: number
  readonly text: string
  /** Compared by hash, never shown. */
  readonly secret: boolean
}

/** A service that reads one file and takes a new one over without letting go of its clients. */
export interface Daemon {
  /** Unit and program: `haproxy`. */
  readonly name: string
  /** Shell functions `check FILE` (status 0: it may be used), `before` (called before the reload) and `healthy` (0 or a reason on stderr). */
  readonly functions: Command
  /** What an operator can do about a refused file. */
  readonly hint: string
}

interface Have {
  readonly path: string
  readonly wanted: ConfigText
  readonly file: FileHave
  readonly unit: UnitState
  readonly grievances: readonly string[]
  /** The file before it is still there: whoever put this one in place did not see the service well with it. */
  readonly kept: 'nothing' | 'previous file'
}

export interface CheckedConfig {
  readonly id: StepId
  readonly title: string
  readonly path: string
  readonly wanted: Look<ConfigText>
  readonly daemon: Daemon
  /** What the running service switched off when it last read its files, in its own words: mended by reading them again. */
  readonly grievances?: Look<readonly string[]>
  readonly after?: readonly StepId[]
  readonly guard?: Guard
}

/** What must hold before anything is changed, asked on other hosts: throws where it does not. */
export interface Guard {
  readonly hosts: readonly HostName[]
  readonly pass: (at: Writers) => Promise<void>
}

/**
 * The service also runs, starts at boot, and has read the file as it is: a crash between rename and reload heals, a
 * touched file restarts nothing (stamp.ts). On a host without the package the changes start from null.
 */
export const checkedConfig = ({ id, title, path, wanted, daemon, grievances, after, guard }: CheckedConfig): Step =>
  step<Have>({
    id,
    title,
    after: after ?? [],
    writes: ['self', ...(guard?.hosts ?? []).map((host) => ({ host }))],
    settle: { within: 15_000, every: 500 },
    // The file's state is asked together with what its text depends on; only a text to be shown costs a further request.
    look: chain(
      all({
        wanted,
        state: see(fileState(path)),
        unit: see(unitState(daemon.name)),
        kept: map(see(fileState(previousOf(path))), ({ kind }) => (kind === 'absent' ? 'nothing' : 'previous file')),
        grievances: grievances ?? always([]),
      }),
      ({ wanted: text, state, unit, kept, grievances: complaints }) =>
        map(withText(state, { path, sha256: contentHash(text.text), shows: !text.secret }), (file): Have => ({
          path,
          wanted: text,
          file,
          unit,
          kept,
          grievances: complaints,
        })),
    ),
    diff: (have) => diff(daemon.name, have),
    apply: async (at, have) => {
      await guard?.pass(at)
      await apply(at.self, { daemon, have })
    },
  })

/** A second link to the last file that was found well, while another is tried. */
const previousOf = (path: string): string => path.replace(/[^/]+$/, (name) => `.khactl-${name}.old`)

const unitWanted = (name: string) => ({ name, boot: 'enabled', run: 'running' }) as const

const diff = (name: string, { path, wanted, file, unit, grievances, kept }: Have): readonly Change[] => {
  const { mode, text, secret } = wanted
  const sha256 = contentHash(text)
  const impact = isRunning(unit) ? 'reload' : 'none'
  const content = contentChange({ ...file, path, sha256, secret, impact, wanted: secret ? null : text })
  const stale =
    content.length === 0 && isRunning(unit) && isStale({ path, sha256, onChange: 'reload' }, { unit, file: file.state })
  return [
    ...content,
    ...modeChange(path, { state: file.state, mode }),
    ...ownerChange({ path, state: file.state, owner: 'root:root' }),
    ...bootChange(unitWanted(name), unit),
    ...runChange(unitWanted(name), unit),
    ...(stale
      ? [{ path: `unit ${name} configuration`, from: `another content of ${path}`, to: 'as wanted', impact } as const]
      : []),
    ...(isRunning(unit) && grievances.length > 0
      ? [{ path: `unit ${name} content`, from: grievances.join('; '), to: 'nothing switched off', impact } as const]
      : []),
    // Left there, it would be what the next file that does not work out is replaced by.
    ...(kept === 'previous file'
      ? [{ path: `${path} before`, from: 'kept by a run that died', to: null, impact } as const]
      : []),
  ]
}

const modeChange = (path: string, { state, mode }: { state: FileState; mode: number }): readonly Change[] => {
  const from = presentMode(state)
  return from === octal(mode) ? [] : [{ path: `${path} mode`, from, to: octal(mode), impact: 'none' }]
}

/** Exit statuses of the script below. */
const refused = 65
const restored = 66

const apply = async (at: Writer, { daemon, have }: { daemon: Daemon; have: Have }): Promise<void> => {
  const { path, wanted, unit } = have
  const { mode, text } = wanted
  const name = unitWanted(daemon.name)
  const harmless = [`${path} mode`, `${path} owner`, `unit ${daemon.name} boot`]
  if (diff(daemon.name, have).every((change) => harmless.includes(change.path))) {
    const own = sh`u=${unitName(daemon.name)}; chown root:root ${path} && chmod ${octal(mode)} ${path} || exit 1`
    await at.run(join([own, ...bootCommands(name, unit)], '\n'))
    return
  }
  const stamp = stamping(daemon.name, [path])
  const bytes = Buffer.from(text)
  const script = join(
    [
      sh`p=${path} bytes=${bytes.length} mode=${octal(mode)} u=${unitName(daemon.name)}`,
      daemon.functions,
      raw(head),
      ...bootCommands(name, unit),
      ...(unit.daemonReload === 'needed' ? [raw('systemctl daemon-reload')] : []),
      stamp.take,
      tail(stamp),
    ],
    '\n',
  )
  const answer = await at.run(script, { stdin: bytes, within: 120_000, expect: [0, refused, restored] })
  if (answer.status !== 0) throw failure(answer, { host: at.host, daemon, path })
}

const failure = (answer: Answer, of: { host: string; daemon: Daemon; path: string }): KhactlError => {
  const { host, daemon, path } = of
  const tail = `${answer.stdout.toString('utf8')}\n${answer.stderr.toString('utf8')}`.split('\n')
  const message =
    answer.status === refused
      ? `${daemon.name} on ${host} refuses the new ${path}; the file and the running ${daemon.name} are as before`
      : `${daemon.name} on ${host} was not well with the new ${path}; the previous file is back in place`
  return new KhactlError(answer.status === refused ? 'endpoint.refused' : 'endpoint.restored', {
    message,
    hint: daemon.hint,
    exit: 'failed',
    status: answer.status,
    tail: tail.filter((line) => line.trim() !== '').slice(-20),
  })
}

// `old` is a second link to the last file that was found well; one that a run left behind is older and better than $p.
const head = `umask 077
d=\${p%/*} n=\${p##*/}; old=$d/.khactl-$n.old
mkdir -p "$d" || exit 1
rm -f "$d/.khactl-$n."??????.part
t=$(mktemp "$d/.khactl-$n.XXXXXX.part") || exit 1
trap 'rm -f "$t"' EXIT
cat >"$t"
[ "$(wc -c <"$t")" -eq "$bytes" ] || { echo 'the content did not arrive whole' >&2; exit 1; }
chown root:root "$t" && chmod "$mode" "$t" || exit 1
check "$t" >&2 </dev/null || exit ${refused}
runs() { case $(systemctl show -p ActiveState --value "$u") in active|reloading) true;; *) false;; esac; }
take_over() { if runs; then systemctl reload "$u"; else systemctl reset-failed "$u" 2>/dev/null; systemctl restart "$u"; fi; }
before
was=stopped; ! runs || was=running
[ ! -e "$p" ] || [ -e "$old" ] || ln "$p" "$old" || exit 1
mv -f -T "$t" "$p" || exit 1
trap - EXIT
if [ -e /sys/fs/selinux/enforce ] && command -v restorecon >/dev/null; then restorecon -F "$p" || true; fi`

// What is taken back is stamped too, or its reload would count as somebody else's.
const tail = ({ take, leave }: ReturnType<typeof stamping>): Command => sh`if ! take_over || ! healthy; then
  journalctl -u "$u" -n 15 -o cat --no-pager >&2
  [ -e "$old" ] || { rm -f "$p"; systemctl stop "$u"; exit ${restored}; }
  mv -f -T "$old" "$p"
  ${take}
  if [ $was = running ]; then take_over; else systemctl stop "$u"; fi
  ${leave}
  exit ${restored}
fi
${leave}
rm -f "$old"`
