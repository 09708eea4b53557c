// Changes one text in a ConfigMap, unless somebody else changed it since it was read.
import type { Writer } from '../../../model/step.js'
import { leaderTools } from '../../../facts/kubernetes/leader-tools.js'
import { join, sh } from '../../../text/sh.js'

export interface ConfigMapText {
  readonly namespace: string
  readonly name: string
  readonly key: string
}

export const patchConfigMap = async (
  leader: Writer,
  of: { readonly configMap: ConfigMapText; readonly from: string; readonly to: string },
): Promise<void> => {
  const { namespace, name, key } = of.configMap
  const path = `/data/${key}`
  const operations = JSON.stringify([
    { op: 'test', path, value: of.from },
    { op: 'replace', path, value: of.to },
  ])
  await leader.run(
    join([leaderTools, sh`kube -n ${namespace} patch configmap ${name} --type json -p ${operations} >/dev/null`], ''),
  )
}
