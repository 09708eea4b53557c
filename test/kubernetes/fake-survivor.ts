// A master without a quorum, in a folder: curl, systemctl and sleep are of this test, and so is the kubelet behind them.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { wire } from '../../src/model/command.js'
import { rebuildScript } from '../../src/steps/kubernetes/rebuild-etcd-script.js'

const manifest = (data: string): string => `apiVersion: v1
kind: Pod
metadata:
  annotations:
    kubeadm.kubernetes.io/etcd.advertise-client-urls: https://10.0.0.21:2379
  name: etcd
spec:
  containers:
  - command:
    - etcd
    - --data-dir=${data}
    - --listen-metrics-urls=http://127.0.0.1:2381
    - --name=m1
`

// Every call is a moment of the kubelet: with a manifest etcd runs (a folder like those in /proc), without one it does not.
// Members are what etcd holds: with the flag it drops the others. `health` answers only where they are a majority.
const kubelet = `m=kubernetes/manifests/etcd.yaml
cut() { n=$(cat moment 2>/dev/null || echo 0); n=$((n+1)); echo $n >moment; [ "$n" != "$(cat cut 2>/dev/null)" ] || { touch was-cut; kill -KILL $(cat job); sleep_forever; }; }
sleep_forever() { exit 137; }
live() {
  rm -rf proc/7
  [ -e "$m" ] || return 0
  mkdir -p proc/7; echo etcd >proc/7/comm
  { echo etcd; sed -n 's/^ *- --/--/p' "$m"; } | tr '\\n' '\\0' >proc/7/cmdline
  if grep -q force-new-cluster "$m"; then echo 1 >lib/etcd/member/members; echo forced >>log; fi
}`
const programs: Readonly<Record<string, string>> = {
  systemctl: 'exit 0',
  sync: 'cut; live',
  df: `echo head; echo "x 1 1 $(cat free) 1% /"`,
  sleep: 'cut; live',
  curl: `cut; live
case "$*" in
*:2381/health*) [ -d proc/7 ] && if [ "$(cat lib/etcd/member/members)" -le 1 ] || [ -e majority ]; then echo '{"health":"true"}'; else echo '{"health":"false"}'; fi;;
*/member/list*) i=0; while [ $i -lt "$(cat lib/etcd/member/members)" ]; do printf '{"ID":"1%s"}' $i; i=$((i+1)); done;;
*/maintenance/status*) [ -e "alive" ] || exit 7;;
*readyz*) printf '<200>';;
esac`,
}

export const fakeSurvivor = () => {
  const folder = mkdtempSync(join(tmpdir(), 'khactl-survivor-'))
  const at = (path: string): string => join(folder, path)
  const put = (path: string, text: string): void => writeFileSync(at(path), text)
  for (const one of ['bin', 'kubernetes/manifests', 'lib/etcd/member', 'proc']) mkdirSync(at(one), { recursive: true })
  put('kubernetes/manifests/etcd.yaml', manifest(at('lib/etcd')))
  put('lib/etcd/member/members', '3\n')
  put('free', '1000000\n')
  for (const [name, text] of Object.entries(programs)) {
    put(`bin/${name}`, `#!/bin/sh\ncd '${folder}' || exit 1\n${kubelet}\n${text}\n`)
    chmodSync(at(`bin/${name}`), 0o755)
  }
  const script = wire(rebuildScript(['10.0.0.22', '10.0.0.23']))
    .replaceAll('/etc/kubernetes', at('kubernetes'))
    .replaceAll('/var/lib/etcd', at('lib/etcd'))
    .replaceAll('/proc/', `${at('proc')}/`)
    // Time passes by moments and not by the clock: a wait is a number of looks.
    .replaceAll('$(date +%s)', `$(wc -c <${at('clock')})`)
    .replaceAll('within() {', `within() { printf .......... >>${at('clock')};`)
  put('clock', '')
  put('script', `echo $$ >${at('job')}\n${script}`)
  return {
    put,
    has: (path: string): boolean => existsSync(at(path)),
    read: (path: string): string => readFileSync(at(path), 'utf8'),
    copies: (): readonly string[] => readdirSync(at('lib')).filter((name) => name !== 'etcd'),
    run: () => {
      const env = { PATH: `${at('bin')}:${process.env['PATH'] ?? ''}` }
      const { status, stdout, stderr, signal } = spawnSync('/bin/sh', [at('script')], {
        env,
        encoding: 'utf8',
        timeout: 20_000,
      })
      return { status, signal, said: stdout.trim().split('\n'), stderr }
    },
    end: () => rmSync(folder, { recursive: true, force: true }),
  }
}
