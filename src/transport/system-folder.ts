// The private folder of a run that drives the ssh program: control sockets, helpers, and a guard that removes it whatever ends the run.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from './system-environment.js'

export interface SystemFolder {
  readonly path: string
  /** Ends every master that is left, and removes the folder. */
  close(): Promise<void>
}

/** Begins each line that a helper writes to ssh's stderr; followed by the nonce of the master, so that no server can write one. */
export const helperMark = '@khactl:'

/**
 * SSH_ASKPASS. Its stdin and stderr are ssh's own, which are pipes to khactl: it says what ssh wants to know and reads the
 * answer, so that a secret is in no file, argv or environment. `none`: ssh only tells (touch the key), and waits for nobody.
 */
const askpass = `#!/bin/sh
what=ask; [ "$SSH_ASKPASS_PROMPT" = none ] && what=note
printf '${helperMark}%s:%s %s\\n' "$KHACTL_NONCE" "$what" "$(printf %s "$1" | tr '\\n\\r' '  ')" >&2
[ "$what" = ask ] && IFS= read -r answer || exit 1
case $answer in y*) printf '%s\\n' "\${answer#y}";; *) exit 1;; esac
`

/**
 * KnownHostsCommand: hands the key to khactl, which judges it as it does for its own client, and prints the known_hosts line that
 * ssh then believes, or none. ssh gives it no stdin, so the answer comes as a file. A certificate is ssh's own affair.
 * $1 reason, $2 name, $3 key type, $4 key, $5 the file of the answer.
 */
const hostKey = `[ "$1" = HOSTNAME ] || exit 0
case $3 in *-cert-*) exit 0;; esac
printf '${helperMark}%s:key %s\\n' "$KHACTL_NONCE" "$4" >&2
i=0
while [ ! -e "$5" ]; do [ $i -lt 1000 ] || exit 0; i=$((i+1)); sleep 0.03; done
[ "$(cat "$5")" = yes ] && printf '%s %s %s\\n' "$2" "$3" "$4"
exit 0
`

/**
 * Waits for the end of its stdin, which is khactl's end, however it came. Then nobody may be left to hold a host's lock. First it does
 * the same for folders whose own guard was killed.
 */
const guard = `trap '' HUP INT TERM
gone() {
  for s in "$1"/*.sock; do [ -S "$s" ] && ssh -F none -O exit -S "$s" khactl; done >/dev/null 2>&1
  rm -rf -- "$1"
}
alive() { kill -0 "$1" && ! grep -qs '^State:.Z' "/proc/$1/status"; } 2>/dev/null
echo $$ >"$1/guard"
for d in "\${1%/*}"/khactl-ssh-*; do
  [ -d "$d" ] && [ ! -L "$d" ] && [ -O "$d" ] || continue
  p=$(cat "$d/guard" 2>/dev/null) && [ -n "$p" ] && ! alive "$p" && gone "$d"
done
cat >/dev/null
gone "$1"
`

/** A socket's path may have 104 bytes on some systems, and ssh makes it under a longer name first. */
const longestFolder = 55
const closeWithin = 3000

export const openSystemFolder = async (environment: Environment): Promise<SystemFolder> => {
  const path = await makeFolder([environment['XDG_RUNTIME_DIR'], tmpdir(), '/tmp'])
  await writeFile(join(path, 'askpass'), askpass, { mode: 0o700 })
  await writeFile(join(path, 'host-key'), hostKey, { mode: 0o600 })
  // In a session of its own: a Ctrl-C on the terminal is not for it.
  const child = spawn('/bin/sh', ['-c', guard, 'khactl-ssh-guard', path], {
    env: environment,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  child.stdin.on('error', () => undefined)
  const ended = endOf(child)
  return {
    path,
    close: async () => {
      child.stdin.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), closeWithin)
      await ended
      clearTimeout(timer)
      await rm(path, { recursive: true, force: true })
    },
  }
}

const endOf = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })

/** In the first place that is there, short enough, and of plain characters: its name goes into options of ssh. */
const makeFolder = async (places: readonly (string | undefined)[]): Promise<string> => {
  const plain = places.filter(
    (place) => place !== undefined && /^\/[\w./-]*$/.test(place) && place.length < longestFolder,
  )
  let problem: unknown = new Error(`no folder for sockets: ${places.join(', ')}`)
  for (const place of plain) {
    try {
      return await mkdtemp(join(place ?? '/', 'khactl-ssh-'))
    } catch (error) {
      problem = error
    }
  }
  throw problem
}
