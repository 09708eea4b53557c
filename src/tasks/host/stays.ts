// What host.clean leaves on a host, said before it begins: nothing that stays is a surprise.
import { firewall } from '../../facts/firewall.js'
import { packageState } from '../../facts/package.js'
import { selinux } from '../../facts/selinux.js'
import { textOf } from '../../facts/text.js'
import { all, attempt, each, map, see } from '../../model/look.js'
import type { Scope } from '../../model/playbook.js'
import { check, type Problem, type Step } from '../../model/step.js'
import { openForAnyone } from '../../steps/firewall-close.js'
import { ownFilesLook, type OwnPlace } from '../../steps/own-files-gone.js'
import { openedPorts } from '../../templates/firewall.js'
import { sysctlFile } from '../../templates/os.js'

export interface Cleaned {
  readonly places: readonly OwnPlace[]
  readonly folders: readonly string[]
  readonly packages: readonly string[]
}

/** On a host that holds nothing of khactl there is nothing to say, but of files of others in khactl's places. */
export const staysCheck = ({ inventory, host, wishes }: Scope, { packages, ...places }: Cleaned): Step => {
  const { os } = inventory.cluster
  const anyone = openedPorts(inventory, host)
    .filter(({ from }) => from === 'anyone')
    .map((use) => ({ ...use, sources: null }))
  return check({
    id: 'clean:stays',
    title: 'Say what stays',
    look: all({
      files: ownFilesLook(places),
      fstab: see(textOf('/etc/fstab')),
      selinux: map(attempt(see(selinux())), (seen) => (seen.status === 'known' ? seen.state.now : 'absent')),
      firewall: map(attempt(see(firewall(host.nodeIP))), (seen) => (seen.status === 'known' ? seen.state : null)),
      packages: each(packages.map((name) => map(see(packageState(name)), (state) => ({ name, state })))),
    }),
    problems: ({ files, fstab, selinux: mode, firewall: rules, packages: found }) => {
      const others = files.others.map((path) => said(`${path} is not khactl's: it is left`))
      if (files.ours.length === 0) return others
      const installed = found.filter(({ state }) => state.installed !== null).map(({ name }) => name)
      const open = rules === null || os.firewall !== 'open' ? [] : openForAnyone(anyone, rules)
      return [
        ...others,
        ...(/^# khactl: /m.test(fstab ?? '')
          ? [said('swap stays off: its lines in /etc/fstab stay commented out, marked `# khactl:`')]
          : []),
        ...(os.selinux !== 'leave' && mode !== 'absent' ? [said(`SELinux stays ${mode}`)] : []),
        ...(files.ours.includes(sysctlFile.path)
          ? [said('kernel settings and modules that are in force stay so until the next boot')]
          : []),
        ...(os.time === 'leave' ? [] : [said('the time service stays')]),
        ...(os.firewall === 'disable' ? [said('the firewall stays off')] : []),
        ...(open.length > 0
          ? [
              said(
                `ports that are open for anyone stay open: ${open.map(portsOf).join(', ')}; the rule may be your own`,
              ),
            ]
          : []),
        ...(wishes.remove === 'own files' && installed.length > 0
          ? [said(`packages stay, without a configuration: ${installed.join(', ')}`, '--packages removes them.')]
          : []),
      ]
    },
  })
}

const portsOf = ({ ports, protocol }: ReturnType<typeof openForAnyone>[number]): string => {
  if (ports === null) return protocol
  return `${ports.first === ports.last ? ports.first : `${ports.first}-${ports.last}`}/${protocol}`
}

const said = (message: string, hint?: string): Problem => ({
  level: 'warning',
  message,
  ...(hint === undefined ? {} : { hint }),
})
