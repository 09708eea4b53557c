// The two questions keepalived asks on a haproxy host, as scripts. bash and coreutils are on every host; curl may not be.
import type { Inventory } from '../model/inventory.js'
import { conf } from '../text/conf.js'
import type { Place } from './rendered.js'

/**
 * Only root may write on the way to a script that runs as root (enable_script_security, keepalived.conf(5)); under SELinux
 * only scripts in this folder may use the network (keepalived_unconfined_script_exec_t). RHEL's package owns it as 0755.
 */
export const trackScriptFolder: Place = { path: '/usr/libexec/keepalived', mode: 0o755 }
export const checkHaproxyFile: Place = { path: `${trackScriptFolder.path}/khactl-check-haproxy`, mode: 0o700 }
export const checkApiFile: Place = { path: `${trackScriptFolder.path}/khactl-check-api`, mode: 0o700 }

/** Seconds. A script ends by itself within `own` + `kill`, below keepalived's `timeout`, below its `interval` (R-L2). */
export const trackScriptTimes = { own: 1.5, kill: 0.2, timeout: 2, interval: 3 } as const

/** Does the haproxy of this host answer its monitor? Without weight: if not, this host may not hold the VIP. */
export const checkHaproxyScript = (inventory: Inventory): string =>
  script(inventory, { asks: '/monitor', why: 'does the haproxy of this host answer?' })

/** Does some API server answer `/readyz` through this haproxy? With weight, so that the VIP stays when none does. */
export const checkApiScript = (inventory: Inventory): string =>
  script(inventory, { asks: '/readyz', why: 'does an API server answer through the haproxy of this host?' })

const script = (inventory: Inventory, { asks, why }: { asks: string; why: string }): string => conf`
  #!/bin/bash
  # Written by khactl. A track script of keepalived: ${why}
  exec timeout -k ${trackScriptTimes.kill} ${trackScriptTimes.own} /bin/bash -c '
    exec 3<>/dev/tcp/127.0.0.1/${inventory.cluster.endpoint.haproxy.monitorPort} || exit 1
    printf "GET ${asks} HTTP/1.0\r\n\r\n" >&3
    read -r version status rest <&3
    [ "$status" = 200 ]
  '
`
