// The command of the exec request: from a login on a host to the loop as root, by sudo or, where there is none, by doas.
import { loopWords, program } from './root-shell.js'
import type { Terminal } from './wire.js'

export interface Become {
  /** `login`: the account is root; `sudo`: without a password; `password`: sudo asks for one, if it wants it. */
  readonly how: 'login' | 'sudo' | 'password'
  readonly terminal: Terminal
}

/** What the program below says of itself, on stdout: that the login shell let it run, and that it found no way to root. */
export const becomeMarks = (nonce: string) => ({
  login: `\n@khactl:${nonce}:login\n`,
  doas: `\n@khactl:${nonce}:doas\n`,
  none: `\n@khactl:${nonce}:none\n`,
  /** sudo makes it of a `%%`: a shell that echoes its commands does not show it. */
  prompt: `@khactl:%${nonce}:`,
})

/**
 * Messages in English, whatever the host speaks: sudo says in nothing else why it refuses. `-k`: a ticket that is still valid is
 * neither used nor renewed, and the password is never sent where no prompt asks for it.
 */
const door = program([
  'n=$1; how=$2; T=$3; shift 3;',
  'LC_ALL=C; export LC_ALL; unset LANGUAGE LC_MESSAGES;',
  'say() { printf "\\n@khactl:%s:%s\\n" "$n" "$1"; };',
  '[ "$T" = none ] || stty raw -echo || exit;',
  // The empty line ends whatever a profile left open: an open line is now a question of sudo's.
  'say login; echo >&2;',
  'if command -v sudo >/dev/null 2>&1; then',
  '  [ "$how" = sudo ] && exec sudo -n -- "$@";',
  '  exec sudo -S -k -p "@khactl:%%$n:" -- "$@";',
  'fi;',
  'command -v doas >/dev/null 2>&1 || { say none; exit 1; };',
  'say doas; exec doas -n "$@"',
])

/** Holds no secret, and passes through any login shell. */
export const rootShellCommand = ({ how, terminal }: Become, ready: string): string =>
  [
    'exec',
    ...(how === 'login' ? [] : ['/bin/sh', '-c', `'${door}'`, 'khactl', ready, how, terminal]),
    ...loopWords({ ready, terminal }),
  ].join(' ')
