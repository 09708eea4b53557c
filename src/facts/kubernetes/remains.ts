// What lies on a host of any Kubernetes: files of kubeadm, khactl's markers and units, and the local API server's answer.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { join, raw } from '../../text/sh.js'
import { readOnly } from '../mint.js'
import { askApi, readAnswer, type ApiAnswer } from './api.js'

export interface Marker {
  readonly cluster: string
  readonly run: string
}

export interface Remains {
  /** A transient unit of khactl's that has not ended. */
  readonly unit: string | null
  /**
   * Below /etc/kubernetes, and `etcd` for a member's data, `kubelet` for a configuration that kubeadm wrote, `rebuild` for
   * a rebuild of etcd that was begun, or a member that would drop all others at its next start.
   */
  readonly files: ReadonlySet<string>
  /** API servers that the host's kubeconfigs name. */
  readonly servers: {
    readonly kubelet: string | null
    readonly bootstrap: string | null
    readonly admin: string | null
  }
  readonly initMarker: Marker | null
  readonly joinMarker: Marker | null
  /** Local `/readyz`; null: the host has no API server. */
  readonly readyz: ApiAnswer | null
  /** Whether the local etcd member answers with a leader it can reach; null: not asked, as `/readyz` covers it. */
  readonly etcd: 'ok' | 'failing' | 'silent' | null
  /** ConfigMap kubeadm-config; asked only beside an init marker. */
  readonly kubeadmConfig: ApiAnswer | null
}

/** What a rebuild of etcd that is under way keeps: the manifest as it was, and the name of the copy of the data. */
export const rebuildFolder = '/etc/kubernetes/khactl-rebuild-etcd'

export const markerPath = { init: '/etc/kubernetes/khactl-init', join: '/etc/kubernetes/khactl-join' } as const

const files = [
  'kubelet.conf',
  'bootstrap-kubelet.conf',
  'admin.conf',
  'pki/ca.crt',
  'manifests/kube-apiserver.yaml',
  'manifests/etcd.yaml',
  'manifests/kube-controller-manager.yaml',
  'manifests/kube-scheduler.yaml',
]

/** One grep reads all of these; on a host that has none of them nothing is started. */
const searched = ['kubelet.conf', 'bootstrap-kubelet.conf', 'admin.conf', 'manifests/etcd.yaml']
const flag = '--force-new-cluster'

const script = `
for f in ${files.join(' ')}; do [ -e "$k/$f" ] && echo "file $f"; done
[ -e /var/lib/etcd/member ] && echo 'file etcd'
[ -e /var/lib/kubelet/config.yaml ] && echo 'file kubelet'
[ -e ${rebuildFolder} ] && echo 'file rebuild'
set --; for f in ${searched.join(' ')}; do [ -r "$k/$f" ] && set -- "$@" "$k/$f"; done
[ $# -eq 0 ] || grep -as -e '^ *server:' -e '${flag}' /dev/null "$@"
for f in init join; do [ -r "$k/khactl-$f" ] && sed -n "s/^\\([a-z]*\\)=/marker $f \\1 /p" "$k/khactl-$f"; done
for u in /run/systemd/transient/khactl-*.service; do [ -e "$u" ] || continue; u=\${u##*/}
  case $(systemctl show -p ActiveState,SubState --value "$u" | tr '\\n' ' ') in activating*|deactivating*|reloading*|'active running '*) echo "unit $u";; esac; done
if [ -e $k/manifests/kube-apiserver.yaml ]; then
  own_api /readyz; r=$answer; printf 'readyz '; flat "$r"; echo
  if [ -e $k/khactl-init ]; then own_api /api/v1/namespaces/kube-system/configmaps/kubeadm-config; printf 'config '; flat "$answer"; echo; fi
  case $r in *"<200>"*) ;; *) if [ "$has_curl" ]; then answer=$(curl -q -sS -m 3 --noproxy '*' http://127.0.0.1:2381/health 2>&1); printf 'etcd '; flat "$answer"; echo; fi;; esac
fi
echo end`

/** `/etc/kubernetes/kubelet.conf:    server: https://10.0.0.5:6443`, as grep prints it. */
const lineIn = (lines: readonly string[], file: string, wanted: RegExp): RegExpExecArray | undefined => {
  const start = `/etc/kubernetes/${file}:`
  for (const line of lines) {
    const found = line.startsWith(start) ? wanted.exec(line.slice(start.length)) : null
    if (found) return found
  }
  return undefined
}

const serverOf = (lines: readonly string[], file: string): string | null =>
  lineIn(lines, file, /^ *server: *"?([^ "]*)/)?.[1] ?? null

const markerOf = (lines: readonly (readonly string[])[], name: string): Marker | null => {
  const values = lines.filter(([word, file]) => word === 'marker' && file === name)
  if (values.length === 0) return null
  const value = (key: string): string =>
    values
      .find((line) => line[2] === key)
      ?.slice(3)
      .join(' ') ?? ''
  return { cluster: value('cluster'), run: value('run') }
}

export const parseRemains = (text: string): Remains => {
  const printed = text.split('\n')
  const lines = printed.map((line) => line.split(' '))
  const answer = (word: string): string | null => {
    const line = lines.find(([first]) => first === word)
    return line ? line.slice(1).join(' ') : null
  }
  const readyz = answer('readyz')
  const etcd = answer('etcd')
  const config = answer('config')
  return {
    unit: answer('unit'),
    files: new Set([
      ...lines.flatMap(([word, file]) => (word === 'file' && file !== undefined ? [file] : [])),
      ...(lineIn(printed, 'manifests/etcd.yaml', new RegExp(flag)) ? ['rebuild'] : []),
    ]),
    servers: {
      kubelet: serverOf(printed, 'kubelet.conf'),
      bootstrap: serverOf(printed, 'bootstrap-kubelet.conf'),
      admin: serverOf(printed, 'admin.conf'),
    },
    initMarker: markerOf(lines, 'init'),
    joinMarker: markerOf(lines, 'join'),
    readyz: readyz === null ? null : readAnswer(readyz),
    etcd: etcd === null ? null : /"health": *"?true/.test(etcd) ? 'ok' : etcd.includes('health') ? 'failing' : 'silent',
    kubeadmConfig: config === null ? null : readAnswer(config),
  }
}

const kind: Kind<null, Remains> = {
  name: 'kubernetes remains',
  stays: 'host',
  cost: 'cheap',
  within: 15_000,
  ask: () => readOnly(join([askApi, raw(script)], '')),
  tell: ({ stdout, stderr }, args) => {
    const text = stdout.toString('utf8')
    const seen = text.endsWith('end\n')
      ? known(parseRemains(text))
      : unreadable(`what the host holds of Kubernetes: ${stderr.toString('utf8').trim()}`)
    return args.map(() => seen)
  },
}

/** Works on a bare host: sh, sed and, where there is an API server, curl or the kubectl beside it. */
export const remains = (): Fact<Remains> => fact(kind, null)
