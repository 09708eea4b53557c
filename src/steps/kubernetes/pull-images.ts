// Images pulled before init and join, side by side, so that those do nothing but what they are for.
import { KhactlError } from '../../model/error.js'
import { all, see } from '../../model/look.js'
import { step, type Change, type Step, type Writer } from '../../model/step.js'
import { kubeadmImages, presentImages } from '../../facts/kubernetes/images.js'
import { sh } from '../../text/sh.js'
import { transient } from '../transient.js'

export interface PullImages {
  /** kubeadm's configuration, which its list depends on. */
  readonly config: string
  /** As kubeadm will list them, for a host that has none yet. */
  readonly foreseen: readonly string[]
  /** Of those listed, the ones this host needs. */
  readonly needs: (image: string) => boolean
  /** Images kubeadm does not know of: containerd's sandbox. */
  readonly more: readonly string[]
  readonly socket: string
}

type Have = { readonly present: ReadonlySet<string>; readonly listed: readonly string[] | null }

export const pullImagesStep = (pull: PullImages): Step =>
  step<Have>({
    id: 'kubernetes:images',
    title: 'Pull the images of Kubernetes',
    look: all<Have>({ present: see(presentImages()), listed: see(kubeadmImages(pull.config)) }),
    diff: (have) => missing(pull, have).map(imageChange),
    apply: ({ self }, have) => pullAll(self, { images: missing(pull, have), socket: pull.socket }),
  })

const missing = ({ foreseen, needs, more }: PullImages, { present, listed }: Have): readonly string[] =>
  [...new Set([...(listed ?? foreseen).filter(needs), ...more])].filter((image) => !present.has(image))

/** Patch releases raise etcd and CoreDNS: their tags are kubeadm's to say, once it is there. */
const imageChange = (image: string): Change => {
  const at = image.lastIndexOf(':')
  const name = image.slice(0, at)
  const tag = /\/(?:etcd|coredns)$/.test(name) ? 'as kubeadm lists it' : image.slice(at + 1)
  return { path: `image ${name}`, from: null, to: tag, impact: 'none' }
}

const pullAll = async (
  self: Writer,
  { images, socket }: { readonly images: readonly string[]; readonly socket: string },
): Promise<void> => {
  try {
    await transient(self, {
      name: 'kubernetes-images',
      command: sh`printf '%s\n' ${images} | xargs -P 4 -n 1 sh -c ${pullOne} sh ${socket}`,
      within: 1_800_000,
    })
  } catch (error) {
    const failed = error instanceof KhactlError ? (error.details.tail ?? []).flatMap(failedImage) : []
    if (!(error instanceof KhactlError) || failed.length === 0) throw error
    throw new KhactlError('images.pull', {
      ...error.details,
      message: `${self.host} could not pull ${failed.join(', ')}`,
      hint: 'Is the registry up and reachable from there, and does it hold the images? Then run the same command again.',
      cause: error,
    })
  }
}

const pullOne = 'crictl --runtime-endpoint "unix://$1" pull "$2" || { echo "could not pull $2"; exit 1; }'

const failedImage = (line: string): readonly string[] => /^could not pull (\S+)$/.exec(line)?.slice(1) ?? []
