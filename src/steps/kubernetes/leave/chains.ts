// Takes the chains of kube-proxy, the kubelet and CNI plugins out of iptables, and the rules that lead into them.
import { raw } from '../../../text/sh.js'

/**
 * Behind `leftoverTools`. Without flushing: what others have in the tables stays, their counters too. A host may hold
 * rules of both kinds of iptables. Not where a kube-proxy still runs: then they are not ours.
 */
export const removeChains = raw(`
if ! kube_proxy_runs; then
  for t in $(tables); do
    rules=$("$t-save" 2>/dev/null | awk '
      /^\\*/ { table = $0; n = 0; deletions = "" }
      /^:(KUBE|CNI)-/ { chain[n++] = substr($1, 2) }
      /^-A (KUBE|CNI)-/ { next }
      /^-A/ { bare = $0; gsub(/"[^"]*"/, "", bare); if (bare ~ / -[jg] (KUBE|CNI)-/) { sub(/^-A/, "-D"); deletions = deletions $0 "\\n" } }
      /^COMMIT/ && n > 0 {
        printf "%s\\n%s", table, deletions
        for (i = 0; i < n; i++) print "-F " chain[i]
        for (i = 0; i < n; i++) print "-X " chain[i]
        print "COMMIT"
      }')
    [ -z "$rules" ] || printf '%s\\n' "$rules" | "$t-restore" --noflush || exit
  done
fi
`)
