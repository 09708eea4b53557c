// Whether the cluster behind the endpoint knows this host's kubelet: its Node object, read with the kubelet's own certificate.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { join, sh } from '../../text/sh.js'
import { readOnly } from '../mint.js'
import { askApi, readAnswer, type ApiAnswer } from './api.js'

export interface NodeQuestion {
  readonly node: string
  /** URL of the API endpoint: `https://10.0.0.5:6443`. */
  readonly server: string
}

const kind: Kind<NodeQuestion, ApiAnswer | null> = {
  name: 'node object',
  stays: 'world',
  cost: 'cheap',
  within: 10_000,
  ask: (questions) =>
    readOnly(
      join(
        [
          askApi,
          ...questions.map(
            ({ node, server }) =>
              sh`if [ -e $k/kubelet.conf ]; then as_kubelet ${server} ${`/api/v1/nodes/${node}`}; else answer=none; fi; flat "$answer"; echo`,
          ),
        ],
        '\n',
      ),
    ),
  tell: ({ stdout }, questions) => {
    const lines = stdout.toString('utf8').split('\n')
    return questions.map((_, index) => {
      const line = lines[index]
      if (line === undefined || line === '') return unreadable('whether the cluster knows this node')
      return known(line === 'none' ? null : readAnswer(line))
    })
  },
}

/** The answer, as this host gets it; null: the host has no kubelet.conf to ask with. */
export const knownNode = (question: NodeQuestion): Fact<ApiAnswer | null> => fact(kind, question)
