// What the operator wants: the inventory after defaults, ranges and merges. Built by inventory/, never changed afterwards.
import type { Secret } from './command.js'
import type { HostName } from './host.js'

export type Role = 'haproxy' | 'master' | 'worker'

export interface Inventory {
  /** The inventory's file, as the operator named it. Paths inside it are already resolved against its folder. */
  readonly file: string
  readonly cluster: Cluster
  /** Who shall be in the cluster, in the order of the file: haproxy, masters, workers; in two lists: once, with both roles. */
  readonly hosts: readonly Host[]
  /**
   * Who shall leave, with the roles that end: `state: absent`, or `dead` for those that are gone for good and cannot be
   * asked to go. Whoever leaves one of two lists stands in `hosts` too, with the role that stays.
   */
  readonly leaving: readonly Leaver[]
}

export type Leaver = Host & { readonly state: 'absent' | 'dead' }

/** What hosts of one kind have in common. */
export type Kin = Pick<Host, 'roles' | 'kubeletConfiguration'>

export interface Host {
  readonly name: HostName
  readonly roles: readonly Role[]
  readonly ssh: SshTarget
  /** The address the cluster uses for this host (R-O7): on one of its interfaces, in the VIP's subnet for haproxy hosts. */
  readonly nodeIP: string
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly Taint[]
  /** KubeletConfiguration for this host alone, merged over the cluster's. */
  readonly kubeletConfiguration: Json
  /** Network interface that carries the VIP; null: derived on the host from the subnet that holds nodeIP. */
  readonly interface: string | null
}

/** One login: a host's own, or that of a host on the way to it. */
export interface SshLogin {
  readonly address: string
  readonly port: number
  readonly user: string
  /** Private key files in the order they are offered; empty: the agent alone. */
  readonly keys: readonly string[]
  /** `named`: only those keys of the agent whose file is among `keys` (IdentitiesOnly). */
  readonly agent: 'use' | 'named' | 'ignore'
  /** Passphrase of encrypted key files; null: asked for on the terminal when one is needed. */
  readonly passphrase: Secret | null
  /** For servers that take passwords or ask by keyboard-interactive; `ask`: on the terminal, once; null: none. */
  readonly password: Secret | 'ask' | null
  readonly knownHosts: string
  /** accept-new records an unknown key and refuses a changed one; strict refuses both. */
  readonly hostKeys: 'accept-new' | 'strict'
  /** Pinned key, `SHA256:…` as `ssh-keygen -lf` prints it; null: known_hosts decides. */
  readonly pinned: string | null
}

export interface SshTarget extends SshLogin {
  /** Hosts on the way, the first one first (ProxyJump); each is connected to once, however many hosts are behind it. */
  readonly jump: readonly SshLogin[]
  /** `ssh2`: khactl's own; `system`: the ssh program of this machine, for what ssh2 cannot speak. */
  readonly client: 'ssh2' | 'system'
  /** Whether the operator's ~/.ssh/config counts; what ssh2 understands of it stands in the other parts already. */
  readonly config: 'use' | 'ignore'
  /** For sudo where it wants one; `ask`: on the terminal, once; null: sudo must not want one. */
  readonly sudoPassword: Secret | 'ask' | null
}

export interface Taint {
  readonly key: string
  readonly value: string
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute'
}

export interface Cluster {
  readonly name: string
  /** Without `v`: `1.20.2`. */
  readonly version: Version
  readonly endpoint: Endpoint
  readonly etcd: 'stacked'
  readonly podSubnet: string
  readonly serviceSubnet: string
  readonly dnsDomain: string
  /** Of the control-plane images, e.g. `registry.k8s.io`; null: kubeadm's own default for this version. */
  readonly imageRepository: string | null
  readonly registries: readonly Registry[]
  readonly proxy: Proxy | null
  readonly packages: PackageSource
  /** Extra names and addresses for the API server's certificate, beside those khactl always adds. */
  readonly certificateSANs: readonly string[]
  readonly containerd: Containerd
  readonly cni: Cni
  readonly kubeletConfiguration: Json
  readonly kubeProxyConfiguration: Json
  /** Merged into kubeadm's ClusterConfiguration last. */
  readonly kubeadmConfiguration: Json
  readonly skipPhases: readonly string[]
  readonly ignorePreflightErrors: readonly string[]
  readonly os: OsSettings
  readonly kubeconfig: KubeconfigSettings
  /** Seconds between fetching a join token and its expiry. */
  readonly tokenTtlSeconds: number
}

export interface Version {
  readonly major: number
  readonly minor: number
  readonly patch: number
  /** `1.20.2` */
  readonly text: string
}

/** Where clients and nodes find the API. One file under src/endpoint/ a kind; the kinds not built are refused by inventory/. */
export type Endpoint = HaproxyEndpoint
export interface HaproxyEndpoint {
  readonly kind: 'haproxy'
  readonly vip: string
  /** Prefix length of the VIP on the interface; 32 unless the inventory says otherwise. */
  readonly vipPrefix: number
  readonly port: number
  /** DNS name of the endpoint, put into certificates and /etc/hosts; null: the VIP itself is the endpoint. */
  readonly dnsName: string | null
  /** VRRP virtual router id, 1..255, derived from cluster name and VIP unless given (R-L3). */
  readonly routerId: number
  readonly keepalived: {
    readonly advertSeconds: number
    /** VRRP PASS authentication; null by default: the password travels in clear and VRRPv3 has none. */
    readonly password: Secret | null
  }
  readonly haproxy: {
    readonly maxConnections: number
    readonly hardStopAfterSeconds: number
    /** Port of the monitor on 127.0.0.1 that the first track script asks. */
    readonly monitorPort: number
    /** Client, server and tunnel timeouts (R-L4). */
    readonly timeoutSeconds: number
    /** Lines of the operator's own appended to haproxy.cfg as they are (checked with `haproxy -c` before use). */
    readonly extra: string
  }
}

export interface Registry {
  /** Host and port as they stand in image names: `docker.io`, `10.0.0.1:5000`. */
  readonly host: string
  readonly mirrors: readonly string[]
  readonly transport: 'https' | 'http' | 'https-unverified'
  /** CA file on the operator's machine, or null. */
  readonly ca: string | null
  readonly credentials: { readonly user: string; readonly password: Secret } | null
}

export interface Proxy {
  readonly http: string | null
  readonly https: string | null
  /** Generated: loopback, VIP, pod and service subnets, registries, the cluster domain; then the operator's own. */
  readonly noProxy: readonly string[]
}

export type PackageSource =
  | { readonly source: 'repository'; readonly apt: readonly AptRepository[]; readonly dnf: readonly DnfRepository[] }
  /** Package files on the operator's machine, sent and installed with their dependencies ("install rpms"). */
  | { readonly source: 'directory'; readonly directory: string }
  /** The hosts' own repositories hold everything. */
  | { readonly source: 'host' }

export interface AptRepository {
  readonly name: string
  readonly url: string
  readonly suite: string
  readonly components: readonly string[]
  /** File on the operator's machine with the armoured or binary public key; its bytes are read when the inventory is loaded. */
  readonly key: { readonly file: string; readonly bytes: Uint8Array }
}
export interface DnfRepository {
  readonly name: string
  readonly url: string
  readonly key: { readonly file: string; readonly bytes: Uint8Array }
}

export interface Containerd {
  /** apt or rpm package name; `containerd` (Debian, Ubuntu) or `containerd.io` (Docker's repositories). */
  readonly package: string
  /** Exact version of the package; null: the repository's newest at first install, held afterwards. */
  readonly version: string | null
  readonly pauseImage: string | null
  readonly restrictOomScoreAdj: boolean
  readonly dataRoot: string
  /** TOML text appended to the rendered config. */
  readonly extra: string
}

export type Cni =
  | { readonly kind: 'none' }
  /** Manifest text, read from a path or fetched and cached; applied with the leader's kubectl. */
  | { readonly kind: 'manifest'; readonly name: string; readonly origin: string; readonly text: string }

export interface OsSettings {
  readonly hostsFile: 'manage' | 'leave'
  readonly time: 'chrony' | 'timesyncd' | 'leave'
  readonly firewall: 'open' | 'leave' | 'disable'
  readonly selinux: 'leave' | 'permissive' | 'enforcing'
  /** More sysctls beside the ones Kubernetes needs. */
  readonly sysctls: Readonly<Record<string, string>>
  readonly modules: readonly string[]
}

export interface KubeconfigSettings {
  /** Where the admin kubeconfig is written on the operator's machine (0600); null: not fetched. */
  readonly file: string | null
  readonly merge: 'no' | 'merge'
}

export type Json = { readonly [key: string]: JsonValue }
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | Json
