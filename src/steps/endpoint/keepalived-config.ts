// keepalived.conf as one checked step: keepalived -t, reload, and a journal in which it disabled nothing.
import { complaint, keepalivedComplaints } from '../../facts/endpoint/keepalived-journal.js'
import type { StepId } from '../../model/fact.js'
import { see, type Look } from '../../model/look.js'
import type { Step } from '../../model/step.js'
import { join, raw, sh } from '../../text/sh.js'
import { checkedConfig, type ConfigText } from './checked-config.js'

export interface KeepalivedConfig {
  readonly path: string
  readonly wanted: Look<ConfigText>
  readonly after?: readonly StepId[]
}

/** Id `config:keepalived`. */
export const keepalivedConfig = ({ path, wanted, after = [] }: KeepalivedConfig): Step =>
  checkedConfig({
    id: 'config:keepalived',
    title: `Run keepalived with ${path}`,
    path,
    wanted,
    after,
    grievances: see(keepalivedComplaints()),
    daemon: {
      name: 'keepalived',
      functions: join([sh`complaint=${complaint}`, raw(functions)], '\n'),
      hint: 'Look at the lines above; keepalived.conf(5) explains each of them.',
    },
  })

// A reload is only a signal: "complete" in the journal ends it, and a start has ended when the instance has a state. Where
// a version has other words for it, the full five seconds pass.
const functions = `
check() { keepalived -t -f "$1"; }
since_then() { journalctl -q -u "$u" \${cursor:+--after-cursor="$cursor"} -o cat --no-pager; }
before() { cursor=$(journalctl -q -n 1 -o export --no-pager | sed -n 's/^__CURSOR=//p'); }
healthy() {
  ready='Reload (complete|finished)'; [ $was = running ] || ready='Entering [A-Z]+ STATE'
  i=0; until since_then | grep -qE "$ready"; do
    i=$((i+1)); [ $i -lt 20 ] || break
    sleep 0.25
  done
  if since_then | grep -iE "$complaint" >&2; then return 1; fi
  runs || { echo 'keepalived does not run' >&2; return 1; }
}`
