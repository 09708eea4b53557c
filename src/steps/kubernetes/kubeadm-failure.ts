// What kubeadm itself says of its failure, out of the lines that it printed, and what the kubelet was seen to suffer from.
import { KhactlError } from '../../model/error.js'

/** The same failure with kubeadm's reason in its message; as it was, where kubeadm gave none. */
export const kubeadmFailure = (error: KhactlError, host: string): KhactlError => {
  if (error.code !== 'job.failed') return error
  const tail = error.details.tail ?? []
  const last = (pattern: RegExp): string | undefined =>
    tail.flatMap((line) => pattern.exec(line)?.slice(1) ?? []).at(-1)
  const ended = last(/^khactl: (the kubelet .*)$/)
  if (ended !== undefined) return kubeletFailed(error, { host, why: ended })
  const checks = tail.flatMap((line) => /^\s*\[ERROR [^\]]+\]: (.*)$/.exec(line)?.slice(1) ?? [])
  const phase = last(/^error execution phase (.*?):? *$/)
  const reason = checks.length > 0 ? checks.join('; ') : phase
  const kubelet = last(/^kubelet: (.*)$/)
  if (reason === undefined && kubelet === undefined) return error
  return new KhactlError('kubeadm.failed', {
    ...error.details,
    message: `kubeadm failed on ${host}: ${[kubelet, reason].filter((part) => part !== undefined).join('; ')}`,
    cause: error,
  })
}

const kubeletFailed = (
  error: KhactlError,
  { host, why }: { readonly host: string; readonly why: string },
): KhactlError =>
  new KhactlError('kubelet.failed', {
    ...error.details,
    message: `${host}: ${why}`,
    hint: `kubeadm was not left to wait for it. Mend what it complains of (systemctl cat kubelet, on ${host}), then run the same command again.`,
  })
