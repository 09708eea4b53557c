// kubernetes.packages: kubelet, kubeadm and kubectl in the cluster's exact version, held; the kubelet enabled.
import type { Task } from '../../model/playbook.js'
import type { Step } from '../../model/step.js'
import { directory } from '../../steps/directory.js'
import { file } from '../../steps/file.js'
import { packages } from '../../steps/packages.js'
import { unit } from '../../steps/unit.js'
import { canPatchKubelet, kubeletPatch, kubeletPatchFile, patchesFolder } from '../../templates/kubelet.js'
import { alike, type KinScope } from '../alike.js'
import { skewCheck } from './skew.js'

export const kubernetesPackages: Task = {
  name: 'kubernetes.packages',
  title: 'Kubernetes packages',
  widest: null,
  kind: 'changes',
  stoppedBy: [],
  steps: (scope) => [skewCheck(scope, 'packages:skew'), ...installed(scope)],
}

const installed = alike((scope) => {
  const { version, packages: source } = scope.inventory.cluster
  const exact = (name: string) => ({ name, version: version.text })
  return [
    packages({
      id: 'packages:kubernetes',
      title: `Install Kubernetes ${version.text}`,
      // The rest (CNI plugins, cri-tools, conntrack, …) comes as their dependencies, in versions that the packages ask for.
      want: [exact('kubelet'), exact('kubeadm'), exact('kubectl')],
      hold: 'hold',
      source,
    }),
    ...patch(scope),
    // Before kubeadm has written its configuration the kubelet cannot run; afterwards it must.
    unit({ name: 'kubelet', boot: 'enabled', run: scope.member ? 'running' : 'any' }),
  ]
})

/** What this host's kubelet has beside the cluster's; kubeadm lays it over when the host becomes a member. */
const patch = ({ inventory, host }: KinScope): readonly Step[] => {
  const content = kubeletPatch(host)
  if (content === null || !canPatchKubelet(inventory.cluster)) return []
  return [
    directory({ path: '/etc/kubernetes', mode: 0o755 }),
    directory({ path: patchesFolder.path, mode: patchesFolder.mode }),
    file({ path: kubeletPatchFile.path, content, mode: kubeletPatchFile.mode }),
  ]
}
