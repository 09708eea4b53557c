// The program that runs on a host for the life of a connection: it reads framed requests and runs their scripts as root.
import { headerBytes } from './frame.js'
import type { Terminal } from './wire.js'

/** Seconds without a byte from the operator after which the shell ends its script, frees the lock and goes (R-I3: within 45 s). */
export const silenceSeconds = 40
/** Seconds between TERM and KILL for a script that ran out of time. */
export const killGraceSeconds = 5
export const lockFile = '/run/khactl.lock'

/**
 * What every script finds. HOME is below a file, where not even root can make a folder: kubectl would leave its caches there.
 * umask 022 is what package scripts and kubeadm expect of root; whoever writes a secret says so with a mode.
 */
const environment = [
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'LC_ALL=C',
  'TZ=UTC',
  'HOME=/dev/null',
  'USER=root',
  'LOGNAME=root',
  'SHELL=/bin/sh',
  'TERM=dumb',
  'DEBIAN_FRONTEND=noninteractive',
]

/** A program that passes through the login shell, which may be csh or fish: no single quote, no newline, no `!` but before a blank. */
export const program = (lines: readonly string[]): string => lines.map((line) => line.trim()).join(' ')

/**
 * One request's script, in a session of its own so that it can be ended as a group: the script on stdin, its standard input on 4.
 * `eval`: no length limit of argv applies, and all of the script is there before any of it runs.
 */
const job = program(['s=$(exec cat);', 'umask 022;', 'shift $#;', 'exec <&4 4<&-;', 'eval "$s"'])

/**
 * The loop. `dd iflag=fullblock` takes exactly the bytes it is told, whereas busybox's `head` reads ahead. The header is read
 * while the script runs, so that a cut link or a `kill` is noticed at once. Only the waiter prints marks: a script may kill
 * its own group and is still answered for. The waiter keeps the lock (fd 9), the script does not get it.
 */
const loop = program([
  'n=$1; r=$2; p=; l=; L=$3; S=$4; T=$5; F=;',
  'umask 077; unset IFS; set -f;',
  'exec 3<&0 </dev/null;',
  // Hung up, the loop still ends its script. A `timeout` that leaves the foreground cannot read from a terminal.
  'if [ "$T" = pty ]; then trap : HUP; timeout --foreground 1 true 2>/dev/null && F=--foreground; fi;',
  // `exec`: the shell of a substitution would otherwise wait for it as one process more.
  'take() { exec timeout $F "$1" dd bs="$2" count=1 iflag=fullblock <&3 9>&- 2>/dev/null; };',
  'begin() { printf "\\n@khactl:%s:start\\n" "$n"; };',
  'finish() { printf "\\n@khactl:%s:end:%03d\\n" "$n" "$1"; };',
  // A terminal has one stream: what is written to stderr waits in a file that has no name any more, and follows.
  'aside() { f=$(mktemp /run/khactl.XXXXXX) && exec 7<"$f" 2>"$f" && rm -f "$f"; };',
  'start() { begin; [ "$T" = pty ] || begin >&2; };',
  'end() { finish "$1"; if [ "$T" = pty ]; then begin; cat <&7; finish "$1"; else finish "$1" >&2; fi; };',
  // dash wants `--` before a negative number, busybox refuses it.
  'signal() { kill -s "$1" -- "-$j" || kill -s "$1" "-$j"; } 2>/dev/null;',
  'expire() {',
  '  x=1; signal TERM; i=0;',
  `  while [ $i -lt ${killGraceSeconds * 10} ] && signal 0; do sleep 0.1; i=$((i+1)); done;`,
  '  signal KILL;',
  '};',
  'waiter() {',
  '  exec 3<&-; x=; j=; start;',
  '  printf %s "$s" | setsid /bin/sh -c "$r" khactl 7<&- 9>&- & j=$! ; s=;',
  '  trap expire TERM HUP; wait "$j" 2>/dev/null; c=$?;',
  '  [ -z "$x" ] || c=124;',
  '  end "$c";',
  '};',
  // The parent in /proc says whether $p is still our waiter and not some later process of that number.
  'running() { [ -n "$p" ] && grep -qs "^PPid:.$$\\$" "/proc/$p/status"; };',
  'stop() { running && { kill -s TERM "$p"; wait "$p"; }; p=; };',
  'spool() {',
  '  d=/run; [ "$1" -le 16777216 ] || d=/var/tmp;',
  '  f=$(mktemp "$d/khactl.XXXXXX") && exec 5<"$f" 6>"$f" && rm -f "$f" || return 1;',
  '  b=$(($1/65536));',
  '  [ "$b" -eq 0 ] || timeout $F "$2" dd bs=65536 count="$b" iflag=fullblock <&3 >&6 2>/dev/null 9>&-;',
  '  b=$(($1-b*65536));',
  '  [ "$b" -eq 0 ] || timeout $F "$2" dd bs="$b" count=1 iflag=fullblock <&3 >&6 2>/dev/null 9>&-;',
  '  exec 6>&-;',
  '  [ "$(wc -c </proc/self/fd/5)" -eq "$1" ];',
  '};',
  'ours() { [ /proc/self/fd/9 -ef "$L" ]; };',
  'lock() {',
  '  [ -n "$l" ] && ours && return 0;',
  '  l=; command exec 9>>"$L" || return 2;',
  '  if flock -n 9 && ours; then l=1; printf %s "${s%?}" >"$L"; return; fi;',
  '  exec 9>&-; i=0;',
  // The holder may be between taking the lock and writing its name.
  '  until [ -s "$L" ] || [ $i -ge 20 ]; do sleep 0.1; i=$((i+1)); done;',
  '  cat "$L"; return 1;',
  '};',
  'printf "\\n@khactl:%s:ready\\n" "$n";',
  `while h=$(take "$S" ${headerBytes}) && [ \${#h} -eq ${headerBytes - 1} ]; do`,
  '  set -- $h; v=$1;',
  '  case $v in ping) continue;; kill) [ "$n" = "$2" ] && stop; continue;; esac;',
  '  [ -z "$p" ] || wait "$p"; p=; n=$2;',
  '  [ "$T" = none ] || aside || break;',
  '  s=; [ "$3" -eq 0 ] || s=$(take "$5" "$3");',
  '  [ ${#s} -eq "$3" ] || break;',
  '  exec 4</dev/null;',
  '  if [ "$4" -gt 0 ]; then spool "$4" "$5" || { echo "khactl: the input did not arrive whole, or $d is full" >&2; break; }; exec 4<&5 5<&-; fi;',
  '  case $v in',
  '    run)',
  '      if [ -z "$l" ] || ours; then waiter & p=$! ; else start; end 999; fi;;',
  '    break) start; rm -f "$L"; l=; lock; end $?;;',
  '    lock) start; lock; end $?;;',
  '  esac;',
  '  exec 4<&-; s=;',
  'done;',
  'stop',
])

interface LoopOptions {
  /** The nonce of its ready mark. */
  readonly ready: string
  readonly terminal: Terminal
}

/** The words of a command line that runs the loop; it holds no secret: scripts and input come framed on stdin. */
export const loopWords = ({ ready, terminal }: LoopOptions): readonly string[] => [
  '/usr/bin/env',
  '-i',
  ...environment,
  '/bin/sh',
  '-c',
  `'${loop}'`,
  'khactl',
  ready,
  `'${job}'`,
  lockFile,
  String(silenceSeconds),
  terminal,
]

interface LocalOptions extends LoopOptions {
  readonly shell: readonly string[]
  readonly lock: string
  readonly silence?: number
}

/** The same as an argument vector, for a shell of this machine (tests). */
export const rootShellArguments = (options: LocalOptions): string[] => [
  '-i',
  ...environment,
  ...options.shell,
  '-c',
  loop,
  'khactl',
  options.ready,
  job,
  options.lock,
  String(options.silence ?? silenceSeconds),
  options.terminal,
]
