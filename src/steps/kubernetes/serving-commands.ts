// What makes an API server's certificate, waits until it is shown, restarts the server, and proves the names.
import type { Command } from '../../model/command.js'
import { apiPort, askApi } from '../../facts/kubernetes/api.js'
import { handshake, handshakeCommand } from '../../facts/kubernetes/handshake.js'
import { servedEnd } from '../../facts/kubernetes/serving-names.js'
import { join, raw, sh } from '../../text/sh.js'

export const pki = '/etc/kubernetes/pki'

/** Where a new certificate is made; a run that dies leaves it, the next begins it again. */
export const newFolder = `${pki}/khactl-new`

/**
 * Prints the new certificate. kubeadm keeps one that it finds, so it works in a folder of its own, and the API server never
 * sees what it fails at. The key is moved first: of a swap cut in two the next run sees a certificate without the names.
 * Where one of the two was lost, what kubeadm cannot make again comes back from the last backup.
 */
export const issue: Command = sh`umask 077
cd ${pki} && n=${newFolder} || exit 1
rm -rf "$n" && mkdir "$n" && ln -s ../ca.crt ../ca.key "$n"/ || exit 1
whole() { [ -s "apiserver.key$1" ] && [ -s "apiserver.crt$1" ]; }
copy() { cp "apiserver.key$1" .khactl.key && cp "apiserver.crt$1" .khactl.crt && mv -f .khactl.key "apiserver.key$2" && mv -f .khactl.crt "apiserver.crt$2"; }
if ! kubeadm init phase certs apiserver --config /dev/stdin >&2 || ! [ -s "$n/apiserver.key" ] || ! [ -s "$n/apiserver.crt" ]; then
  rm -rf "$n"
  if ! whole '' && whole .khactl-before; then copy .khactl-before '' && chmod 644 apiserver.crt; fi
  exit 1
fi
if whole ''; then copy '' .khactl-before || exit 1; else rm -f apiserver.crt; fi
chmod 644 "$n/apiserver.crt" && mv -f "$n/apiserver.key" apiserver.key && mv -f "$n/apiserver.crt" apiserver.crt || exit 1
rm -rf "$n"
if [ -e /sys/fs/selinux/enforce ] && command -v restorecon >/dev/null; then restorecon apiserver.*; fi
cat apiserver.crt`

/** Exit status of a wait whose time ran out. */
export const late = 75

/**
 * Waits until the API server of this host is ready and shows the certificate that expires then. A host that cannot tell
 * is `late` at once, unless that is fine.
 */
export const shows = (of: { readonly expires: number; readonly seconds: number; readonly untold?: 'fine' }): Command =>
  join(
    [
      askApi,
      servedEnd,
      sh`want=${of.expires} left=${of.seconds} untold=${of.untold ?? 'late'}
${raw(showsBody)}`,
    ],
    '',
  )

const showsBody = `end=$(($(date +%s)+left))
shown() { case $(served_end) in "$want") true;; not-told) [ "$untold" = fine ] || exit ${late};; *) false;; esac; }
ready() { case $(answer_of_own_api /readyz) in '<200>'*) true;; *) false;; esac; }
until shown && ready; do
  [ "$(date +%s)" -lt "$end" ] || exit ${late}
  sleep 1
done`

/**
 * Ends the process; the kubelet starts the container again, with nothing of its manifest changed, so that no crash of ours
 * can leave a master without one. None to end: the kubelet is at it already. It hears nobody new from the first moment,
 * and waits up to a minute for those it has; they get as long as the kubelet gives.
 */
export const restart: Command = raw(`pids=
for p in /proc/[0-9]*; do
  c=; read -r c <"$p/comm" 2>/dev/null || continue
  [ "$c" != kube-apiserver ] || pids="$pids \${p#/proc/}"
done 2>/dev/null
[ -n "$pids" ] || exit 0
kill -TERM $pids 2>/dev/null
i=0; while kill -0 $pids 2>/dev/null; do
  i=$((i+1)); [ $i -lt 30 ] || { kill -KILL $pids 2>/dev/null; break; }
  sleep 1
done`)

/** Fails with the names that this host's API server does not prove. */
export const prove = (names: readonly string[]): Command =>
  join(
    [
      askApi,
      handshake,
      raw('bad=\n'),
      ...names.map((name) =>
        join(
          [
            raw('r=$('),
            handshakeCommand({ address: `127.0.0.1:${apiPort}`, name }),
            sh`); [ "$r" = ok ] || { echo ${name}": $r" >&2; bad=1; }
`,
          ],
          '',
        ),
      ),
      raw('[ -z "$bad" ]'),
    ],
    '',
  )
