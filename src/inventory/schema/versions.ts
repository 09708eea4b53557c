// Checks of versions and of kubeadm's names for phases and checks.
import type { Fault } from './leaf.js'

/** kubeadm's v1beta2 configuration and `--certificate-key` as khactl uses them; 1.18 is what the reference documents build. */
const oldestMinor = 18

export const versionFault = (value: string): Fault | null => {
  const match = /^v?(\d+)\.(\d+)(?:\.(\d+))?(.*)$/.exec(value)
  const hint = 'Write all three numbers of a release, like `1.30.4`; https://kubernetes.io/releases lists them.'
  if (match === null) return { code: 'version', message: `\`${value}\` is not a Kubernetes version`, hint }
  const [, major, minor, patch, rest] = match
  if (rest !== '') return { code: 'version', message: `\`${value}\` is not a released version`, hint }
  if (patch === undefined)
    return {
      code: 'version',
      message: `\`${value}\` lacks the patch number: packages are installed by exact version`,
      hint,
    }
  if (major !== '1' || Number(minor) < oldestMinor) {
    return {
      code: 'version',
      message: `Kubernetes ${value} is older than 1.${oldestMinor}, the oldest khactl builds`,
      hint: `Take 1.${oldestMinor}.0 or newer.`,
    }
  }
  return null
}

export const cniVersionFault = (value: string): Fault | null =>
  /^v?\d+\.\d+\.\d+$/.test(value)
    ? null
    : {
        code: 'version',
        message: `\`${value}\` is not a released version of the plugin`,
        hint: 'Write all three numbers, like `v3.28.0`.',
      }

export const skipPhaseFault = (value: string): Fault | null =>
  /^[a-z0-9-]+(\/[a-z0-9-]+)?$/.test(value)
    ? null
    : {
        code: 'phase',
        message: `\`${value}\` is not a phase of kubeadm init`,
        hint: 'Write something like `addon/coredns`; `kubeadm init --help` lists them.',
      }

export const ignoredCheckFault = (value: string): Fault | null =>
  value.toLowerCase() === 'all'
    ? {
        code: 'ignore-all',
        message: '`all` would hide every problem that kubeadm finds, also those that break the cluster later',
        hint: 'Name the checks that may fail, like `SystemVerification` or `Swap`.',
      }
    : null
