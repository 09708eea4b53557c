// `khactl init`: a first inventory with comments, from flags.
import { yamlScalar } from '../text/yaml.js'
import { parseIPv4 } from '../text/ipv4.js'

export interface StartFlags {
  readonly name?: string
  /** Kubernetes version. */
  readonly version?: string
  readonly vip?: string
  /** Addresses, or `name=address`; a bare address is given a name. */
  readonly haproxy?: readonly string[]
  readonly masters?: readonly string[]
  readonly workers?: readonly string[]
  /** `calico=v3.28.0`, `flannel=v0.25.1`, `none`, or the path or URL of a manifest. */
  readonly cni?: string
  readonly user?: string
  /** Private key file. */
  readonly key?: string
}

const examples = {
  haproxy: ['10.0.0.11', '10.0.0.12'],
  masters: ['10.0.0.21', '10.0.0.22', '10.0.0.23'],
  workers: ['10.0.0.31', '10.0.0.32'],
} as const
const singular = { haproxy: 'haproxy', masters: 'master', workers: 'worker' } as const

/** YAML text; with flags that are right it loads without errors. */
export const startingInventory = (flags: StartFlags): string => {
  const { name = 'lab', version = '1.30.4', vip = '10.0.0.100', cni = 'flannel=v0.25.1', user = 'root' } = flags
  const both = sharedNames(flags)
  return `# An inventory of khactl: one cluster and its hosts. Every key is explained in docs/inventory.md and inventory.example.yaml.
# Check it with: khactl validate FILE
apiVersion: khactl/v1

cluster:
  name: ${yamlScalar(name)}
  # All three numbers; packages are installed in exactly this version.
  version: ${yamlScalar(version)}
  endpoint:
    kind: haproxy
    # A free address in the subnet of the haproxy hosts; keepalived moves it between them.
    vip: ${yamlScalar(vip)}
${both ? '    # Not 6443: a haproxy host is a master too, whose API server has that port.\n    port: 8443\n' : ''}  # Used nowhere else in your network.
  podSubnet: 10.244.0.0/16
  serviceSubnet: 10.96.0.0/12
  # Network plugin: { calico: VERSION }, { flannel: VERSION }, { manifest: PATH-OR-URL }, or none.
  cni: ${cniText(cni)}

# How khactl logs in: as root, or as a user who may sudo; see sudoPassword in docs/inventory.md.
ssh:
  user: ${yamlScalar(user)}
${flags.key === undefined ? '  # The agent and the usual files in ~/.ssh are used unless a key is named:\n  # key: ~/.ssh/id_ed25519' : `  key: ${yamlScalar(flags.key)}`}

# Hosts that carry the virtual IP; two for high availability.
haproxy:
${hostsText('haproxy', flags)}

# Control plane with etcd; an odd number, three for high availability.
masters:
${hostsText('masters', flags)}

workers:
${hostsText('workers', flags)}
`
}

type List = keyof typeof examples

const hostsOf = (list: List, flags: StartFlags): readonly { readonly name: string; readonly address: string }[] =>
  (flags[list] ?? examples[list]).map((host, index) => {
    const [name, address] = host.includes('=') ? host.split('=', 2) : [undefined, host]
    return { name: name ?? nameFor({ list, address: host, index, flags }), address: address ?? '' }
  })

/** An address of a host that stands in two lists has one name; a name that SSH knows is the name of the host. */
const nameFor = ({
  list,
  address,
  index,
  flags,
}: {
  list: List
  address: string
  index: number
  flags: StartFlags
}): string => {
  const asMaster =
    list === 'haproxy' ? (flags.masters ?? []).findIndex((master) => master.split('=').at(-1) === address) : -1
  if (asMaster >= 0) return hostsOf('masters', flags)[asMaster]?.name ?? `master-${asMaster + 1}`
  return `${singular[list]}-${index + 1}`
}

const hostsText = (list: List, flags: StartFlags): string =>
  hostsOf(list, flags)
    .map(
      ({ name, address }) => `  - { name: ${yamlScalar(name)}, address: ${yamlScalar(address)}${nodeIPText(address)} }`,
    )
    .join('\n')

/** A host that is reached by name needs the address the cluster uses; the operator has to fill it in. */
const nodeIPText = (address: string): string =>
  parseIPv4(address) === null && !address.includes('[') ? ', nodeIP: FILL-IN' : ''

const sharedNames = (flags: StartFlags): boolean => {
  const masters = new Set(hostsOf('masters', flags).map(({ name }) => name))
  return hostsOf('haproxy', flags).some(({ name }) => masters.has(name))
}

const cniText = (cni: string): string => {
  if (cni === 'none') return 'none'
  const [, plugin, version] = /^(calico|flannel)=(.+)$/.exec(cni) ?? []
  return plugin === undefined ? `{ manifest: ${yamlScalar(cni)} }` : `{ ${plugin}: ${yamlScalar(version ?? '')} }`
}
