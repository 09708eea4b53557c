// Which parts of the control plane a host should run, by its manifests, and which of them run as processes.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { raw } from '../../text/sh.js'
import { readOnly } from '../mint.js'

export interface StaticPods {
  /** `etcd`, `kube-apiserver`, …, in the order of their names. */
  readonly wanted: readonly string[]
  readonly running: readonly string[]
}

const script = `for f in /etc/kubernetes/manifests/*.yaml; do [ -e "$f" ] && echo "wanted \${f##*/}"; done
cat /proc/[0-9]*/comm 2>/dev/null | grep -E '^(etcd|kube-)' | sort -u | sed 's/^/runs /'
echo end`

const kind: Kind<null, StaticPods> = {
  name: 'static pods',
  stays: 'moment',
  cost: 'cheap',
  within: 5000,
  ask: () => readOnly(raw(script)),
  tell: ({ stdout, stderr }, args) => {
    const text = stdout.toString('utf8')
    const seen = text.endsWith('end\n')
      ? known(parseStaticPods(text))
      : unreadable(`static pods: ${stderr.toString('utf8').trim()}`)
    return args.map(() => seen)
  },
}

export const staticPods = (): Fact<StaticPods> => fact(kind, null)

/** The kernel keeps the first 15 characters of a process' name. */
const kept = 15

export const parseStaticPods = (text: string): StaticPods => {
  const rest = (word: string): readonly string[] =>
    text.split('\n').flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []))
  const wanted = rest('wanted').map((file) => file.replace(/\.yaml$/, ''))
  const processes = rest('runs')
  return { wanted, running: wanted.filter((name) => processes.includes(name.slice(0, kept))) }
}
