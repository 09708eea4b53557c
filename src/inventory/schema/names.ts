// Checks of host names, DNS names, labels and taints; each says what to write instead.
import type { Fault } from './leaf.js'

const label = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?'
const dnsName = new RegExp(`^${label}(\\.${label})*$`)
const rangePart = /\[[^\]]*\]/

/** RFC 1123, lower case: the node name is the host's name (R-O5). A range `[01:20]` is looked at when it is expanded. */
export const hostNameFault = (value: string): Fault | null => {
  const name = value.replace(rangePart, '0')
  if (dnsName.test(name) && name.length <= 253) return null
  const mended = value.toLowerCase().replace(/[_\s]+/g, '-')
  const good = dnsName.test(mended.replace(rangePart, '0'))
  return {
    code: 'host-name',
    message: `\`${value}\` cannot be a node name: only lower-case letters, digits, \`-\` and \`.\`, as Kubernetes demands`,
    hint: good ? `Write \`${mended}\`.` : 'Write something like `worker-1`.',
  }
}

export const dnsNameFault = (value: string): Fault | null =>
  dnsName.test(value) && value.length <= 253 && /[a-z]/.test(value)
    ? null
    : {
        code: 'dns-name',
        message: `\`${value}\` is not a DNS name`,
        hint: 'Write something like `api.lab.example`, in lower case.',
      }

export const clusterNameFault = (value: string): Fault | null =>
  new RegExp(`^${label}$`).test(value)
    ? null
    : {
        code: 'cluster-name',
        message: `\`${value}\` cannot name a cluster: only lower-case letters, digits and \`-\`, 63 at most`,
        hint: 'Write something like `lab` or `prod-1`.',
      }

/** Network interfaces: IFNAMSIZ leaves 15 bytes. */
export const interfaceFault = (value: string): Fault | null =>
  /^[^\s/:]{1,15}$/.test(value)
    ? null
    : {
        code: 'interface',
        message: `\`${value}\` is not the name of a network interface`,
        hint: 'Write something like `eth1`, as `ip link` shows it.',
      }

const qualifiedName = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/
const labelValue = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/

export const labelKeyFault = (key: string): Fault | null =>
  qualifiedName.test(key)
    ? null
    : {
        code: 'label',
        message: `\`${key}\` is not a label key: [prefix/]name of letters, digits, \`-\`, \`_\` and \`.\`, 63 at most`,
        hint: 'Write something like `topology.kubernetes.io/zone` or `disk`.',
      }

export const labelValueFault = (value: string): Fault | null =>
  labelValue.test(value)
    ? null
    : {
        code: 'label',
        message: `\`${value}\` is not a label value: letters, digits, \`-\`, \`_\` and \`.\` inside, 63 at most`,
        hint: 'Write something like `ssd` or `zone-a`.',
      }

const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const

/** `key=value:Effect` or `key:Effect`, as `kubectl taint` takes it. */
export const taintFault = (value: string): Fault | null => {
  const [, key = '', given = '', effect = ''] = /^([^=:]+)(?:=([^:]*))?:(.*)$/.exec(value) ?? []
  const hint = 'Write `key=value:NoSchedule` or `key:NoExecute`.'
  if (key === '') return { code: 'taint', message: `\`${value}\` is not a taint`, hint }
  if (!taintEffects.some((known) => known === effect)) {
    const near = taintEffects.find((known) => known.toLowerCase() === effect.toLowerCase())
    return {
      code: 'taint-effect',
      message: `\`${effect}\` is not the effect of a taint; there are ${taintEffects.join(', ')}`,
      hint: near === undefined ? hint : `Write \`${value.slice(0, -effect.length)}${near}\`.`,
    }
  }
  const fault = labelKeyFault(key) ?? labelValueFault(given)
  return fault === null ? null : { code: 'taint', message: `In a taint, ${fault.message}`, hint }
}
