// What kubeadm itself says of its failure, out of the lines that it printed.
import { KhactlError } from '../../model/error.js'

/** The same failure with kubeadm's reason in its message; as it was, where kubeadm gave none. */
export const kubeadmFailure = (error: KhactlError, host: string): KhactlError => {
  const tail = error.details.tail ?? []
  const checks = tail.flatMap((line) => /^\s*\[ERROR \w+\]: (.*)$/.exec(line)?.slice(1) ?? [])
  const phase = tail.flatMap((line) => /^error execution phase (.*?):? *$/.exec(line)?.slice(1) ?? [])
  const reason = checks.length > 0 ? checks.join('; ') : phase.at(-1)
  if (error.code !== 'job.failed' || reason === undefined) return error
  return new KhactlError('kubeadm.failed', {
    ...error.details,
    message: `kubeadm failed on ${host}: ${reason}`,
    cause: error,
  })
}
