// Shell functions that fetch over HTTP on a host that may have no curl: wget, or bash for plain HTTP without a proxy.
import { join, raw, sh } from '../../text/sh.js'
import type { Command } from '../../model/command.js'

/** A proxy as the inventory has it; null: straight. */
export interface Way {
  readonly http: string | null
  readonly https: string | null
  readonly noProxy: readonly string[]
}

/** Exit status of both where the host has nothing to ask with. */
export const needsCurl = 'needs curl'

/**
 * `get URL` prints the body; `status_of URL` prints the status alone (000 and why when there is none). Options for curl may follow
 * the URL. The host's own proxy settings do not count, nor do root's configuration files.
 */
export const fetching = (way: Way | null): Command =>
  join(
    [
      raw('unset http_proxy https_proxy all_proxy no_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY; proxied='),
      ...(way
        ? [
            sh`proxied=yes http_proxy=${way.http ?? ''} https_proxy=${way.https ?? ''} no_proxy=${way.noProxy.join(',')}`,
            raw('export http_proxy https_proxy no_proxy'),
          ]
        : []),
      raw(functions),
    ],
    '\n',
  )

const functions = `plain='exec 3<>"/dev/tcp/$1/$2" || exit 7
printf "%s %s HTTP/1.0\\r\\nHost: %s\\r\\nUser-Agent: khactl\\r\\nAccept: application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.oci.image.index.v1+json, */*\\r\\n\\r\\n" "$3" "$4" "$1:$2" >&3
read -r v s r <&3; [ "$3" = GET ] || { printf %s "$s"; exit 0; }
[ "$s" = 200 ] || { echo "HTTP status $s" >&2; exit 22; }
while IFS= read -r l <&3; do [ "$l" = $'\\''\\r'\\'' ] && break; done; cat <&3'
bashes() { case $2 in http://*) ;; *) echo '${needsCurl}' >&2; return 127;; esac
  [ -z "$proxied" ] && [ -x /bin/bash ] || { echo '${needsCurl}' >&2; return 127; }
  u=\${2#http://}; h=\${u%%/*}; case $u in */*) f=/\${u#*/};; *) f=/;; esac
  case $h in *:*) o=\${h##*:}; h=\${h%:*};; *) o=80;; esac
  timeout 20 /bin/bash -c "$plain" bash "$h" "$o" "$1" "$f"; }
get() { u=$1; shift
  if command -v curl >/dev/null; then curl -q -fsSL -m 30 --connect-timeout 5 "$@" "$u"
  elif command -v wget >/dev/null; then wget -q -O - -T 10 -t 1 "$u"
  else bashes GET "$u"; fi; }
status_of() { u=$1; shift
  if command -v curl >/dev/null; then curl -q -sSL -m 15 --connect-timeout 5 -I -o /dev/null -w '%{http_code}' "$@" "$u" 2>&1
  else bashes HEAD "$u" 2>&1; fi | tr '\\n' ' '; }`
