// Which images containerd has, and which ones the host's kubeadm wants.
import { fact, known, unreadable, type Fact, type Kind, type Seen } from '../../model/fact.js'
import { join, raw, sh } from '../../text/sh.js'
import { readOnly } from '../mint.js'

/** A containerd that is installed and does not run has its images, but cannot tell them before its unit step ran. */
const presentKind: Kind<null, ReadonlySet<string>> = {
  name: 'images',
  stays: 'host',
  cost: 'cheap',
  within: 15_000,
  ask: () =>
    readOnly(
      raw(`if ! command -v ctr >/dev/null; then echo @none
elif [ "$(systemctl is-active containerd)" != active ]; then echo @stopped
else ctr --timeout 10s -n k8s.io images ls -q && echo @end; fi`),
    ),
  tell: ({ stdout, stderr }, args) => {
    const lines = stdout.toString('utf8').trimEnd().split('\n')
    const seen = tellPresent(lines, stderr.toString('utf8').trim())
    return args.map(() => seen)
  },
}

const tellPresent = (lines: readonly string[], stderr: string): Seen<ReadonlySet<string>> => {
  const last = lines.at(-1)
  if (last === '@none') return known(new Set())
  if (last === '@stopped') return { status: 'unknown', until: 'unit:containerd' }
  if (last === '@end') return known(new Set(lines.slice(0, -1)))
  return unreadable(`containerd does not list its images: ${stderr}`)
}

export const presentImages = (): Fact<ReadonlySet<string>> => fact(presentKind, null)

const wantedKind: Kind<string, readonly string[] | null> = {
  name: 'kubeadm images',
  stays: 'host',
  cost: 'cheap',
  within: 20_000,
  ask: (configs) =>
    readOnly(
      join(
        configs.map(
          (config) => sh`if command -v kubeadm >/dev/null
then printf '%s' ${config} | kubeadm config images list --config /dev/stdin && echo @end
else echo @none
fi`,
        ),
        '\n',
      ),
    ),
  tell: ({ stdout, stderr }, configs) => {
    const answers = stdout.toString('utf8').split(/^@(?=end$|none$)/m)
    return configs.map((_, index) => {
      const next = answers[index + 1] ?? ''
      if (next.startsWith('none')) return known(null)
      if (!next.startsWith('end')) return unreadable(`kubeadm lists no images: ${stderr.toString('utf8').trim()}`)
      return known(
        (answers[index] ?? '')
          .replace(/^(?:end|none)\n/, '')
          .split('\n')
          .filter((line) => line !== ''),
      )
    })
  },
}

/** `kubeadm config images list` for a configuration; null: the host has no kubeadm yet. */
export const kubeadmImages = (config: string): Fact<readonly string[] | null> => fact(wantedKind, config)
