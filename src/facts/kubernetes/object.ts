// Whether the API server has an object, by its path; asked of the leader.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { join, raw, sh } from '../../text/sh.js'
import { readOnly } from '../mint.js'
import { apiPort, askApi, readAnswer } from './api.js'

// One curl asks for all over one connection.
const script = `
if [ "$has_curl" ]
then
  n=$#; while [ $n -gt 0 ]; do p=$1; shift; set -- "$@" -o /dev/null "https://kubernetes:${apiPort}$p"; n=$((n-1)); done
  curl -q -g -sS -m 3 --noproxy '*' -w '<%{http_code}>\\n' --cacert $k/pki/ca.crt --cert $k/pki/apiserver-kubelet-client.crt --key $k/pki/apiserver-kubelet-client.key --resolve kubernetes:${apiPort}:127.0.0.1 "$@"
else for path do own_api "$path"; flat "$answer"; echo; done
fi`

const kind: Kind<string, 'present' | 'absent'> = {
  name: 'api object',
  stays: 'world',
  cost: 'cheap',
  within: 30_000,
  ask: (paths) => readOnly(join([askApi, sh`set -- ${paths}`, raw(script)], '')),
  tell: ({ stdout, stderr }, paths) => {
    const lines = stdout.toString('utf8').split('\n')
    return paths.map((path, index) => {
      const answer = readAnswer(lines[index] ?? '')
      if (answer === 'ok') return known('present')
      const why = [lines[index] ?? '', ...stderr.toString('utf8').trim().split('\n').slice(-1)].join(' ').trim()
      return answer === 'absent' ? known('absent') : unreadable(`the API server did not tell ${path}: ${why}`)
    })
  },
}

/** `/apis/apps/v1/namespaces/kube-system/daemonsets/calico-node` */
export const apiObject = (path: string): Fact<'present' | 'absent'> => fact(kind, path, 'leader')
