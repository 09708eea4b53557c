// kubeadm's configuration for `init phase certs apiserver`: a new certificate for one master, made beside the living one.
import type { Host, Inventory } from '../model/inventory.js'
import { kubernetesYaml } from '../text/yaml.js'
import { apiPort } from './hosts.js'
import { clusterConfiguration } from './kubeadm.js'
import { criSocket, kubeadmHeader } from './kubeadm-version.js'

/** Name and address are said because kubeadm puts them into the certificate; `folder` holds the CA, and will hold the rest. */
export const kubeadmCertificateConfig = (
  inventory: Inventory,
  { host, folder }: { readonly host: Host; readonly folder: string },
): string => {
  const { version } = inventory.cluster
  const init = {
    ...kubeadmHeader(version, 'InitConfiguration'),
    nodeRegistration: { name: host.name, criSocket: criSocket(version) },
    localAPIEndpoint: { advertiseAddress: host.nodeIP, bindPort: apiPort },
  }
  const cluster = { ...clusterConfiguration(inventory), certificatesDir: folder }
  return `${kubernetesYaml(init)}---\n${kubernetesYaml(cluster)}`
}
