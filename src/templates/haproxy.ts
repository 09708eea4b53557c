// haproxy.cfg of a haproxy host: the API's TCP load balancer. Valid from haproxy 1.8 (RHEL 8) to 3.x.
import type { Host, Inventory } from '../model/inventory.js'
import { conf, lines } from '../text/conf.js'
import { apiPort } from './hosts.js'
import type { Place } from './rendered.js'

export const haproxyFile: Place = { path: '/etc/haproxy/haproxy.cfg', mode: 0o644 }

/** Directly under /run: Debian's package makes /run/haproxy, RHEL's does not. Root only, `level admin`. */
export const haproxySocket = '/run/haproxy-admin.sock'

/** Names in `show servers state` and `show stat`: the backend, and one server a master under the host's name. */
export const apiBackend = 'kubernetes-api'

/** Where haproxy finds a master's API server. */
export const serverAddress = ({ nodeIP }: Pick<Host, 'nodeIP'>): string => `${nodeIP}:${apiPort}`

/** Sockets that the API's clients may not take: the monitor's, the statistics' and the checks' own. */
const reservedConnections = 100

/**
 * The same file on every haproxy host, before and after `init`, but for the masters: they follow membership.
 * - Timeouts: R-L4. Backend checks: R-L6; HTTP/1.0 without Host and without ALPN, which the API server answers and
 *   which needs no syntax that differs between 1.8 and 2.2. `verify none`: a check sends no secret.
 * - leastconn: kubelets keep one connection for days, so under roundrobin a master that comes back stays idle.
 * - `redispatch 1`: a connection to a master that just lost its power goes elsewhere at its first retry, not its last.
 * - No chroot: inside it /dev/log exists on Debian only, and this haproxy holds no certificates and no keys.
 * - No `daemon`, `pidfile` or master socket: the packages' units decide (`-Ws`, `-p`, `-S`).
 * - `bind *`: a host without the VIP must start too, and then needs no ip_nonlocal_bind (R-L7).
 */
export const haproxyConfig = (
  { cluster: { endpoint } }: Inventory,
  masters: readonly Pick<Host, 'name' | 'nodeIP'>[],
): string => {
  const { haproxy } = endpoint
  const servers = masters.map((host) => `server ${host.name} ${serverAddress(host)} check check-ssl verify none`)
  return conf`
    # Written by khactl: changes made here are replaced by the next khactl up.
    global
        log /dev/log local0
        user haproxy
        group haproxy
        maxconn ${haproxy.maxConnections + reservedConnections}
        hard-stop-after ${haproxy.hardStopAfterSeconds}s
        stats socket ${haproxySocket} mode 600 level admin expose-fd listeners
        stats timeout 30s

    defaults
        mode tcp
        log global
        option dontlognull
        option dontlog-normal
        option clitcpka
        option srvtcpka
        option redispatch 1
        retries 3
        maxconn ${haproxy.maxConnections}
        timeout connect 5s
        timeout client ${haproxy.timeoutSeconds}s
        timeout server ${haproxy.timeoutSeconds}s
        timeout tunnel ${haproxy.timeoutSeconds}s
        timeout client-fin 30s
        timeout server-fin 30s
        timeout check 2s

    # keepalived's track scripts ask here: /monitor is haproxy itself, /readyz goes through the frontend below.
    frontend khactl-monitor
        mode http
        bind 127.0.0.1:${haproxy.monitorPort}
        no log
        maxconn 32
        timeout client 5s
        timeout http-request 5s
        monitor-uri /monitor
        use_backend khactl-readyz if { path /readyz }

    backend khactl-readyz
        mode http
        option httpclose
        retries 0
        timeout connect 1s
        timeout server 1s
        server itself 127.0.0.1:${endpoint.port} ssl verify none

    frontend ${apiBackend}
        bind *:${endpoint.port}
        option tcplog
        default_backend ${apiBackend}

    backend ${apiBackend}
        balance leastconn
        option httpchk GET /readyz
        http-check expect status 200
        default-server inter 2s fall 3 rise 2 on-marked-down shutdown-sessions
        ${servers}
    ${operatorLines(haproxy.extra)}
  `
}

const operatorLines = (extra: string): readonly string[] => {
  const own = lines(extra)
  return own.length === 0 ? [] : ['', "# From the inventory's haproxy.extra.", ...own]
}
