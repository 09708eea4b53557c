// kubernetes.images: what init and join will run, pulled beforehand and side by side on all hosts (R-K1, R-O3).
import type { Task } from '../../model/playbook.js'
import { pullImagesStep } from '../../steps/kubernetes/pull-images.js'
import { containerdSocket } from '../../templates/containerd.js'
import { controlPlaneImages, pauseImage } from '../../templates/images.js'
import { kubeadmImagesConfig } from '../../templates/kubeadm.js'
import { alike, type KinScope } from '../alike.js'
import { moveOf } from '../member.js'

export const kubernetesImages: Task = {
  name: 'kubernetes.images',
  title: 'Images',
  widest: null,
  kind: 'changes',
  stoppedBy: [],
  /** Only for hosts that are still to become members: the kubelet of a member minds its own images. */
  steps: (scope) => (moveOf(scope) === null ? [] : pulled(scope)),
}

const pulled = alike((scope) => [
  pullImagesStep({
    config: kubeadmImagesConfig(scope.inventory),
    foreseen: controlPlaneImages(scope.inventory.cluster),
    needs: needed(scope),
    more: [pauseImage(scope.inventory.cluster)],
    socket: containerdSocket,
  }),
])

const needed = (scope: KinScope): ((image: string) => boolean) => {
  const { skipPhases } = scope.inventory.cluster
  const isSkipped = (addon: string) => skipPhases.includes('addon') || skipPhases.includes(`addon/${addon}`)
  const isMaster = scope.host.roles.includes('master')
  return (image) => {
    const name = image.slice(0, image.lastIndexOf(':')).split('/').at(-1)
    if (name === 'coredns') return isMaster && !isSkipped('coredns')
    if (name === 'kube-proxy') return !isSkipped('kube-proxy')
    return isMaster && name !== 'pause'
  }
}
