// The words in which every sink says the same thing.
import type { HostState } from '../model/host.js'
import type { Impact, Problem } from '../model/step.js'

export const sayState = (state: HostState): string => {
  switch (state.kind) {
    case 'fresh':
      return 'fresh: no Kubernetes on it yet'
    case 'half-initialised':
      return 'half-initialised: an earlier kubeadm init did not finish'
    case 'half-joined':
      return 'half-joined: an earlier kubeadm join did not finish'
    case 'healthy':
      return `a healthy ${state.role}`
    case 'broken':
      return `broken: ${state.why}`
    case 'foreign':
      return `a member of another cluster: ${state.why}`
    case 'busy':
      return `busy: ${state.unit} of an earlier run still runs`
    case 'unreachable':
      return `unreachable: ${state.why}`
  }
}

/** What a change does beside changing something; empty when it does no more. */
export const sayImpact = (impact: Impact, kind: 'added' | 'changed' | 'removed'): string =>
  ({
    none: '',
    reload: 'reload',
    restart: 'restart',
    membership: kind === 'removed' ? 'leaves' : 'joins',
    'api-gap': 'API away for a moment',
  })[impact]

export const sayLevel = (level: Problem['level']): string =>
  ({ failure: 'failed', warning: 'warning', 'not-checked': 'not checked' })[level]
