import { expect, test } from 'vitest'
import { partsToFinish } from '../../src/steps/kubernetes/init.js'

test('an interrupted init is finished without what the operator skips, named whole or by a part', () => {
  expect(partsToFinish([])).toContain('addon kube-proxy')
  expect(partsToFinish(['addon/kube-proxy'])).toEqual(expect.not.arrayContaining(['addon kube-proxy']))
  expect(partsToFinish(['addon', 'bootstrap-token'])).toEqual([
    'upload-config all',
    'mark-control-plane',
    'kubelet-finalize all',
  ])
})
