// The lab's pod network: a bridge on every node, out of its podCIDR, and routes to the other nodes.

import { repositoryPath } from './images.js'
import { controllerOf } from './profiles.js'
import { registryPort } from './site.js'

export const imageRepository = (lab: string): string => `${controllerOf(lab)}:${registryPort}/${repositoryPath}`

const script = `set -u
# the first process of a container ignores a signal it does not name, and a host that reboots would wait for it
trap 'exit 0' TERM
configure() {
  cat >/etc/cni/net.d/.10-lab.conflist <<END
{
  "cniVersion": "0.3.1",
  "name": "lab",
  "plugins": [
    { "type": "bridge", "bridge": "cni0", "isDefaultGateway": true, "ipMasq": true, "hairpinMode": true,
      "ipam": { "type": "host-local", "subnet": "$1" } },
    { "type": "portmap", "capabilities": { "portMappings": true } }
  ]
}
END
  mv /etc/cni/net.d/.10-lab.conflist /etc/cni/net.d/10-lab.conflist
}
columns='N:.metadata.name,C:.spec.podCIDR,A:.status.addresses[?(@.type=="InternalIP")].address'
while :; do
  kubectl get nodes --watch --no-headers -o "custom-columns=$columns" | while read -r name cidr address; do
    case "$cidr" in */*) ;; *) continue ;; esac
    if [ "$name" = "$NODE" ]; then configure "$cidr"; else ip route replace "$cidr" via "$address"; fi
  done
  sleep 1
done
`

const indent = (text: string, by: number): string =>
  text
    .split('\n')
    .map((line) => (line === '' ? '' : ' '.repeat(by) + line))
    .join('\n')

export const cniManifest = (lab: string): string => `apiVersion: v1
kind: ServiceAccount
metadata: { name: lab-cni, namespace: kube-system }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: lab-cni }
rules:
  - { apiGroups: [""], resources: [nodes], verbs: [get, list, watch] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: lab-cni }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: lab-cni }
subjects:
  - { kind: ServiceAccount, name: lab-cni, namespace: kube-system }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: lab-cni, namespace: kube-system, labels: { app: lab-cni } }
spec:
  selector: { matchLabels: { app: lab-cni } }
  updateStrategy: { rollingUpdate: { maxUnavailable: 100% } }
  template:
    metadata: { labels: { app: lab-cni } }
    spec:
      serviceAccountName: lab-cni
      hostNetwork: true
      priorityClassName: system-node-critical
      terminationGracePeriodSeconds: 1
      tolerations: [{ operator: Exists }]
      containers:
        - name: cni
          image: ${imageRepository(lab)}/lab-cni:1
          command:
            - /bin/sh
            - -c
            - |
${indent(script, 14)}
          env:
            - name: NODE
              valueFrom: { fieldRef: { fieldPath: spec.nodeName } }
          securityContext: { capabilities: { add: [NET_ADMIN] } }
          volumeMounts: [{ name: conf, mountPath: /etc/cni/net.d }]
      volumes:
        - name: conf
          hostPath: { path: /etc/cni/net.d, type: DirectoryOrCreate }
`
