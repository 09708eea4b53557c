// containerd's complete config.toml, for the schema of its major version.
import type { Cluster, Kin, Registry } from '../model/inventory.js'
import { conf, lines } from '../text/conf.js'
import { pauseImage } from './images.js'
import { cgroupDriver } from './kubelet.js'
import { certsFolder, quote, serverHost } from './registry.js'
import type { Place, Rendered } from './rendered.js'

/** 0600 when the text holds credentials. */
export const containerdFile = (rendered: Rendered): Place => ({
  path: '/etc/containerd/config.toml',
  mode: rendered.secret ? 0o600 : 0o644,
})

export const containerdSocket = '/run/containerd/containerd.sock'

export type ContainerdMajor = 1 | 2

/**
 * CRI on and required (Docker's package ships it disabled; R-O2), so that a mistake stops containerd at once instead of
 * showing as a NotReady node. `extra` comes last: TOML lets it add tables, not open one of these again.
 */
export const containerdConfig = (
  { cluster, host }: { cluster: Cluster; host?: Kin },
  major: ContainerdMajor,
): Rendered => {
  const settings: Settings = {
    cluster,
    isSystemd: cgroupDriver({ cluster, ...(host === undefined ? {} : { host }) }) === 'systemd',
    isSelinux: cluster.os.selinux === 'enforcing',
  }
  const text = conf`
    # Written by khactl: changes made here are replaced by the next khactl up.
    version = ${major === 1 ? 2 : 3}
    root = ${quote(cluster.containerd.dataRoot)}
    state = "/run/containerd"
    disabled_plugins = []
    required_plugins = ["io.containerd.grpc.v1.cri"]

    [grpc]
      address = ${quote(containerdSocket)}

    ${lines(major === 1 ? criVersion2(settings) : criVersion3(settings))}
    ${own(cluster.containerd.extra)}
  `
  return { text, secret: cluster.registries.some((registry) => registry.credentials !== null) }
}

interface Settings {
  readonly cluster: Cluster
  readonly isSystemd: boolean
  readonly isSelinux: boolean
}

/** containerd 1.x. The CNI folder is said because Debian's packaged file points elsewhere, to /usr/lib/cni. */
const criVersion2 = ({ cluster, isSystemd, isSelinux }: Settings): string => conf`
  [plugins."io.containerd.grpc.v1.cri"]
    sandbox_image = ${quote(pauseImage(cluster))}
    restrict_oom_score_adj = ${String(cluster.containerd.restrictOomScoreAdj)}
    enable_selinux = ${String(isSelinux)}

    [plugins."io.containerd.grpc.v1.cri".cni]
      bin_dir = "/opt/cni/bin"
      conf_dir = "/etc/cni/net.d"

    [plugins."io.containerd.grpc.v1.cri".containerd]
      snapshotter = "overlayfs"
      default_runtime_name = "runc"

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
        runtime_type = "io.containerd.runc.v2"

        [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
          SystemdCgroup = ${String(isSystemd)}

    [plugins."io.containerd.grpc.v1.cri".registry]
      config_path = ${quote(certsFolder)}
    ${cluster.registries.flatMap((registry) => credentials(registry, 'io.containerd.grpc.v1.cri'))}
`

/**
 * containerd 2.x (docs/cri/config.md). The CNI folders are its defaults and stay unsaid: `bin_dir` is deprecated from 2.1
 * on and its successor `bin_dirs` unknown to 2.0 (RELEASES.md).
 */
const criVersion3 = ({ cluster, isSystemd, isSelinux }: Settings): string => conf`
  [plugins."io.containerd.cri.v1.images"]
    snapshotter = "overlayfs"

    [plugins."io.containerd.cri.v1.images".pinned_images]
      sandbox = ${quote(pauseImage(cluster))}

    [plugins."io.containerd.cri.v1.images".registry]
      config_path = ${quote(certsFolder)}
    ${cluster.registries.flatMap((registry) => credentials(registry, 'io.containerd.cri.v1.images'))}

  [plugins."io.containerd.cri.v1.runtime"]
    restrict_oom_score_adj = ${String(cluster.containerd.restrictOomScoreAdj)}
    enable_selinux = ${String(isSelinux)}

    [plugins."io.containerd.cri.v1.runtime".containerd]
      default_runtime_name = "runc"

      [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
        runtime_type = "io.containerd.runc.v2"

        [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
          SystemdCgroup = ${String(isSystemd)}
`

/** `configs.*.auth` is deprecated in favour of image pull secrets, which the control plane's own images cannot use. */
const credentials = ({ host, credentials: known }: Registry, plugin: string): readonly string[] => {
  if (known === null) return []
  return [
    '',
    `[plugins.${quote(plugin)}.registry.configs.${quote(serverHost(host))}.auth]`,
    `  username = ${quote(known.user)}`,
    `  password = ${quote(known.password.reveal())}`,
  ]
}

const own = (extra: string): readonly string[] => {
  const added = lines(extra)
  return added.length === 0 ? [] : ['', "# From the inventory's containerd.extra.", ...added]
}
