// Why a kubelet does not do its work, in one line: its unit, what it said last, the containers it cannot keep up.
import { fact, known, type Fact, type HostRef, type Kind } from '../../model/fact.js'
import type { Cause } from '../../model/step.js'
import { join, raw } from '../../text/sh.js'
import { readOnly } from '../mint.js'

/**
 * Shell functions for scripts of this folder and of the steps that wait for a kubelet. `kubelet_trouble` prints nothing while
 * all seems well; a kubelet that is started again and again says the same each time, a container may still need its time.
 */
export const kubeletTools = `kubelet_is() { systemctl show -p "$1" --value kubelet 2>/dev/null; }
# Without its time and place.
kubelet_line() { sed 's/^[FEWI][0-9]\\{4\\} [0-9:.]* *[0-9]* //; s/^[a-z_]*\\.go:[0-9]*\\] //' | cut -c 1-400; }
# A crash prints its reason, then hundreds of lines of stacks.
kubelet_said() {
  journalctl -q --no-pager -o cat -u kubelet -n 2000 2>/dev/null | awk '
    /^F[0-9][0-9][0-9][0-9] |"command failed"|^Error: |[Ff]ailed to run [Kk]ubelet/ { fatal = $0 }
    /^E[0-9][0-9][0-9][0-9] / { bad = $0 }
    /^(Start|Stopp)(ed|ing) |: (Main process exited|Failed with result|Scheduled restart job|Service RestartSec|Consumed )/ { next }
    NF { last = $0 }
    END { print fatal != "" ? fatal : bad != "" ? bad : last }' |
    kubelet_line
}
kubelet_log() { journalctl -q --no-pager -o cat -u kubelet -n 2000 2>/dev/null | grep -E '^[FEW][0-9]{4} |^Error: ' | tail -n 20 | cut -c 1-400; }
# The number in the name of a log is how often its container was started before.
pod_trouble() {
  for d in /var/log/pods/kube-system_etcd-*/*/ /var/log/pods/kube-system_kube-apiserver-*/*/; do
    f=$(ls "$d" 2>/dev/null | grep -E '^[0-9]+\\.log$' | sort -n | tail -n 1)
    [ "\${f%.log}" -ge 1 ] 2>/dev/null || continue
    c=\${d%/}; c=\${c##*/}
    echo "$c was started $((\${f%.log}+1)) times; it said last: $(tail -n 1 "$d$f" 2>/dev/null | sed 's/^[^ ]* std[a-z]* [FP] //' | cut -c 1-300)"
    return
  done
  journalctl -q --no-pager -o cat -u kubelet -n 300 2>/dev/null | grep -oE 'Failed to pull image[^\\\\]*' | tail -n 1 | cut -c 1-300
}
kubelet_trouble() {
  case $(kubelet_is ActiveState)/$(kubelet_is SubState) in
    failed/*) echo "the kubelet failed ($(kubelet_is Result)): $(kubelet_said)";;
    */auto-restart*) echo "the kubelet ended with exit status $(kubelet_is ExecMainStatus) and is started again and again: $(kubelet_said)";;
    inactive/*) echo 'the kubelet is stopped';;
    active/running) pod_trouble;;
  esac
}
`

const kind: Kind<null, readonly Cause[]> = {
  name: 'kubelet trouble',
  stays: 'moment',
  cost: 'cheap',
  within: 15_000,
  ask: () => readOnly(join([raw(kubeletTools), raw(question)], '')),
  tell: ({ stdout }, args) => {
    const causes = parseTrouble(stdout.toString('utf8'))
    return args.map(() => known(causes))
  },
}

const question = `why=$(kubelet_trouble | head -n 1)
[ -z "$why" ] || { echo "$(kubelet_is NRestarts)"; echo "$why"; case $why in 'the kubelet '*) kubelet_log;; esac; }
true`

/** Restarts of the unit, what it suffers from, and what it said; nothing at all while it seems well. */
const parseTrouble = (text: string): readonly Cause[] => {
  const [count = '', why = '', ...log] = text.trimEnd().split('\n')
  if (why === '') return []
  const restarts = why.startsWith('the kubelet failed') ? 'given up' : Number(count || '0')
  const isDying = restarts === 'given up' || why.startsWith('the kubelet ended')
  return [{ text: why, log, ...(isDying ? { dies: { what: 'kubelet', restarts } } : {}) }]
}

/** What a host's kubelet suffers from; none: nothing is seen to be wrong with it. */
export const kubeletTrouble = (at: HostRef = 'self'): Fact<readonly Cause[]> => fact(kind, null, at)
