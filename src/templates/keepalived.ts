// keepalived.conf of a haproxy host: one VRRP instance that holds the VIP. Valid for keepalived 2.x.
import type { Host, Inventory } from '../model/inventory.js'
import { conf } from '../text/conf.js'
import { hostsWith } from './hosts.js'
import type { Place, Rendered } from './rendered.js'
import { checkApiFile, checkHaproxyFile, trackScriptTimes } from './track-scripts.js'

/** 0600 when the text holds a password. */
export const keepalivedFile = (rendered: Rendered): Place => ({
  path: '/etc/keepalived/keepalived.conf',
  mode: rendered.secret ? 0o600 : 0o644,
})

/** All that the endpoint needs on a bare host; the track scripts live on bash and coreutils. */
export const endpointPackages: readonly string[] = ['haproxy', 'keepalived']

/** VRRP priority of the first haproxy host; each next has one less. */
export const firstPriority = 150
/** Taken off while no `/readyz` answers through the host's haproxy: below every host where one does. */
export const apiWeight = -50

export interface KeepalivedPlace {
  readonly host: Host
  /** Interface that carries nodeIP and will carry the VIP. */
  readonly interface: string
}

/**
 * R-L1, R-L3 and R-L2 as settled in requirements.md: every host BACKUP with a priority of its own and no nopreempt, so
 * that the holder follows from who is well; unicast to all others; the VIP stays up somewhere while no API server answers.
 */
export const keepalivedConfig = (inventory: Inventory, place: KeepalivedPlace): Rendered => {
  const { endpoint } = inventory.cluster
  const { password } = endpoint.keepalived
  const text = conf`
    # Written by khactl: changes made here are replaced by the next khactl up.
    global_defs {
        router_id ${place.host.name}
        script_user root
        enable_script_security
        vrrp_garp_master_refresh 60
    }

    # Without weight: a host whose haproxy does not answer gives the VIP away.
    vrrp_script khactl_haproxy {
        script "${checkHaproxyFile.path}"
        ${times}
    }

    # With weight: when no API server answers anywhere all priorities drop alike, and the VIP stays up.
    vrrp_script khactl_api {
        script "${checkApiFile.path}"
        ${times}
        weight ${apiWeight}
    }

    vrrp_instance khactl {
        state BACKUP
        interface ${place.interface}
        virtual_router_id ${endpoint.routerId}
        priority ${priority(inventory, place.host)}
        advert_int ${endpoint.keepalived.advertSeconds}
        ${peers(inventory, place.host)}
        ${authentication(password?.reveal() ?? null)}
        virtual_ipaddress {
            ${endpoint.vip}/${endpoint.vipPrefix} dev ${place.interface}
        }
        track_script {
            khactl_haproxy
            khactl_api
        }
    }
  `
  return { text, secret: password !== null }
}

const times = [
  `interval ${trackScriptTimes.interval}`,
  `timeout ${trackScriptTimes.timeout}`,
  'fall 2',
  'rise 2',
] as const

const priority = (inventory: Inventory, host: Host): number =>
  firstPriority - hostsWith(inventory, 'haproxy').findIndex((other) => other.name === host.name)

/** keepalived cannot do unicast without a peer (keepalived.conf(5)): a lone host speaks multicast, to nobody. */
const peers = (inventory: Inventory, host: Host): readonly string[] => {
  const others = hostsWith(inventory, 'haproxy').filter((other) => other.name !== host.name)
  if (others.length === 0) return [`mcast_src_ip ${host.nodeIP}`]
  return [`unicast_src_ip ${host.nodeIP}`, 'unicast_peer {', ...others.map((other) => `    ${other.nodeIP}`), '}']
}

const authentication = (password: string | null): readonly string[] =>
  password === null ? [] : ['authentication {', '    auth_type PASS', `    auth_pass ${password}`, '}']
