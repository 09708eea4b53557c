// Trying again on the host, inside one command: what the first attempt said is the cause, and is told last, as the reason.
import { raw } from '../text/sh.js'

/**
 * `retry SECONDS COMMAND…` tries once a second; its last line on stderr begins `khactl: ` and is what went wrong at first.
 * What another attempt cannot mend (a manifest the API server refuses) is not tried again.
 */
export const retry = raw(`retry() {
  retry_end=$(($(date +%s)+$1)) retry_n=0 retry_first=; shift
  while :; do
    retry_n=$((retry_n+1))
    retry_said=$("$@" 2>&1 >/dev/null) && return 0
    [ "$retry_n" -gt 1 ] || retry_first=$retry_said
    printf '%s\\n' "$retry_said" | grep -qE ' is invalid: |error parsing |error validating |\\(Forbidden\\)|Unauthorized' && break
    [ "$(date +%s)" -lt "$retry_end" ] || break
    sleep 1
  done
  printf '%s\\n' "$retry_first" >&2
  [ "$retry_said" = "$retry_first" ] || printf 'attempt %s: %s\\n' "$retry_n" "$retry_said" >&2
  [ -z "$retry_first" ] || printf 'khactl: %s\\n' "$(printf '%s\\n' "$retry_first" | tail -n 1)" >&2
  return 1
}
`)
