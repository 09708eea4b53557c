// kubeadm's configuration for `init phase upload-certs`: on a living cluster, with a certificate key that no argv may hold.
import type { Secret } from '../model/command.js'
import type { Host, Inventory } from '../model/inventory.js'
import { apiPort } from './hosts.js'
import { criSocket, kubeadmHeader } from './kubeadm-version.js'

/**
 * JSON is YAML. Version, address and socket are said so that kubeadm neither asks the internet for a version nor guesses
 * on a host with two networks.
 */
export const kubeadmUploadCertsConfig = (
  { cluster: { version } }: Inventory,
  { leader, certificateKey }: { readonly leader: Host; readonly certificateKey: Secret },
): readonly (string | Secret)[] => {
  const init = {
    ...kubeadmHeader(version, 'InitConfiguration'),
    nodeRegistration: { name: leader.name, criSocket: criSocket(version) },
    localAPIEndpoint: { advertiseAddress: leader.nodeIP, bindPort: apiPort },
    certificateKey: '@',
  }
  const cluster = { ...kubeadmHeader(version, 'ClusterConfiguration'), kubernetesVersion: `v${version.text}` }
  const [before = '', after = ''] = JSON.stringify(init).split('"@"')
  return [before, '"', certificateKey, '"', `${after}\n---\n${JSON.stringify(cluster)}\n`]
}
