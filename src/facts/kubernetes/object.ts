// Whether the API server has an object, by its path; asked of the leader.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { join, raw, sh } from '../../text/sh.js'
import { readOnly } from '../mint.js'
import { askApi, readAnswer } from './api.js'

const kind: Kind<string, 'present' | 'absent'> = {
  name: 'api object',
  stays: 'world',
  cost: 'cheap',
  within: 30_000,
  ask: (paths) =>
    readOnly(join([askApi, sh`for path in ${paths}; do `, raw('answer_of_own_api "$path"; echo; done')], '')),
  tell: ({ stdout }, paths) => {
    const lines = stdout.toString('utf8').split('\n')
    return paths.map((path, index) => {
      const answer = readAnswer(lines[index] ?? '')
      if (answer === 'ok') return known('present')
      return answer === 'absent'
        ? known('absent')
        : unreadable(`the API server did not tell ${path}: ${lines[index] ?? ''}`)
    })
  },
}

/** `/apis/apps/v1/namespaces/kube-system/daemonsets/calico-node` */
export const apiObject = (path: string): Fact<'present' | 'absent'> => fact(kind, path, 'leader')
