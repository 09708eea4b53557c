// The operator's HTTP proxy, as environment and as a systemd drop-in for containerd, which pulls the images.
import type { Proxy } from '../model/inventory.js'
import { conf } from '../text/conf.js'
import type { Place } from './rendered.js'

/** For a unit such as `containerd.service`. */
export const proxyDropInFile = (unit: string): Place => ({
  path: `/etc/systemd/system/${unit}.d/50-khactl-proxy.conf`,
  mode: 0o600,
})

/** In both cases of letters: curl reads `http_proxy` in lower case only, some programs read upper case only. */
export const proxyEnvironment = (proxy: Proxy): Readonly<Record<string, string>> => {
  const settings = [
    ['HTTP_PROXY', proxy.http],
    ['HTTPS_PROXY', proxy.https],
    ['NO_PROXY', proxy.noProxy.length === 0 ? null : proxy.noProxy.join(',')],
  ] as const
  return Object.fromEntries(
    settings.flatMap(([name, value]) => (value === null ? [] : [name, name.toLowerCase()].map((key) => [key, value]))),
  )
}

export const proxyDropIn = (proxy: Proxy): string => conf`
  # Written by khactl: changes made here are replaced by the next khactl up.
  [Service]
  ${Object.entries(proxyEnvironment(proxy)).map(([name, value]) => `Environment="${name}=${escape(value)}"`)}
`

/** systemd.exec(5): specifiers begin with `%`, and C escapes hold inside quotes. */
const escape = (value: string): string => value.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%')
