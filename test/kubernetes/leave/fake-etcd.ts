// An etcd for tests: a `kubectl` that plays etcdctl over files, so that the real scripts run in a real shell.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scripted } from '../script.js'

export interface FakeMember {
  readonly name: string
  readonly part: 'voter' | 'learner' | 'unstarted'
  readonly answers: 'yes' | 'no'
}

/** Ids differ in their last digits only, as doubles would not tell them apart. */
export const idOf = (index: number): string => `8e9e05c52164690${index + 1}`
const decimal = (index: number): string => BigInt(`0x${idOf(index)}`).toString()
export const urlOf = (index: number): string => `https://10.0.0.${21 + index}:2379`

const player = `#!/bin/sh
cd "$(dirname "$0")" || exit 1
while [ "$1" != -- ]; do shift; done; shift 2
urls= cluster= words=
while [ $# -gt 0 ]; do case $1 in
  --endpoints) urls="$urls $2"; shift 2;;
  --cacert|--cert|--key|--dial-timeout|--command-timeout|-w) shift 2;;
  --cluster) cluster=1; shift;;
  *) words="$words $1"; shift;; esac; done
set -- $words
[ -z "$cluster" ] || urls=$(awk -F ', ' '{ print $5 }' members)
down() { grep -qx "$1" down; }
case "$1 $2" in
'member list') cat members;;
'member remove') echo "remove $3" >>log; [ -e stubborn ] || { grep -v "^$3, " members >rest; mv rest members; };;
'endpoint health') c=0; for u in $urls; do if down "$u"; then echo "$u is unhealthy: failed to commit proposal: context deadline exceeded" >&2; c=1; else echo "$u is healthy: successfully committed proposal: took = 9ms"; fi; done; exit $c;;
'endpoint status') c=0; for u in $urls; do if down "$u"; then c=1; else grep -F "$u " ids | while read -r _ id; do printf '"ClusterID" : 1\\n"MemberID" : %s\\n"Leader" : %s\\n"Endpoint" : "%s"\\n' "$id" "$(cat leader)" "$u"; done; fi; done; exit $c;;
'move-leader '*) echo "move $2 by$urls" >>log; grep -F "$2 " decimals | cut -d ' ' -f 2 >leader;;
esac`

export const fakeEtcd = (members: readonly FakeMember[], leads = 0) => {
  const folder = mkdtempSync(join(tmpdir(), 'khactl-etcd-'))
  const put = (name: string, lines: readonly string[]): void =>
    writeFileSync(join(folder, name), lines.map((line) => `${line}\n`).join(''))
  put('kubectl', [player])
  chmodSync(join(folder, 'kubectl'), 0o755)
  put(
    'members',
    members.map(({ name, part }, index) => {
      const peer = `https://10.0.0.${21 + index}:2380`
      return part === 'unstarted'
        ? `${idOf(index)}, unstarted, , ${peer}, , false`
        : `${idOf(index)}, started, ${name}, ${peer}, ${urlOf(index)}, ${part === 'learner'}`
    }),
  )
  const silent = members.flatMap(({ answers, part }, index) =>
    answers === 'no' || part !== 'voter' ? [urlOf(index)] : [],
  )
  put('down', silent)
  put(
    'ids',
    members.map((_, index) => `${urlOf(index)} ${decimal(index)}`),
  )
  put(
    'decimals',
    members.map((_, index) => `${idOf(index)} ${decimal(index)}`),
  )
  put('leader', [decimal(leads)])
  put('log', [])
  const { at, sent } = scripted(({ wire }) => {
    const ran = spawnSync('/bin/sh', ['-c', wire], { env: { PATH: `${folder}:/usr/bin:/bin` } })
    return { stdout: ran.stdout.toString(), status: ran.status ?? 1 }
  })
  const read = (name: string): readonly string[] =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
  return {
    at,
    sent,
    put,
    log: () => read('log'),
    ids: () => read('members').map((line) => line.split(', ')[0]),
    end: () => rmSync(folder, { recursive: true }),
  }
}
