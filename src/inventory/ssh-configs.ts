// Asks ~/.ssh/config for every host that `config: use` is said for, and for the hosts on the way to it.
import type { Secret } from '../model/command.js'
import type { SshTarget } from '../model/inventory.js'
import type { YamlPath } from '../text/yaml.js'
import { buildHosts, type Checked } from './build-hosts.js'
import type { ShortHop } from './hop.js'
import { mistake, type Problem } from './problem.js'
import { question, readSshConfig, type SshConfig } from './ssh-config.js'
import type { SshSources } from './ssh-target.js'
import type { Surroundings } from './surroundings.js'

interface Asking extends Checked {
  readonly surroundings: Surroundings
  readonly secrets: ReadonlyMap<string, Secret>
}

type Answer = SshConfig | { readonly why: string }

/** ssh programs at once. */
const width = 8

export const resolveSshConfigs = async (
  asking: Asking,
): Promise<{ readonly configOf: SshSources['configOf'] } | { readonly problems: readonly Problem[] }> => {
  const answers = new Map<string, Answer>()
  const configOf = (host: ShortHop): SshConfig | null => {
    const answer = answers.get(question(host))
    return answer === undefined || 'why' in answer ? null : answer
  }
  for (;;) {
    const missing = openQuestions(asking, answers)
    if (missing.length === 0) break
    for (let at = 0; at < missing.length; at += width) {
      await Promise.all(
        missing.slice(at, at + width).map(async (host) => {
          answers.set(question(host), await readSshConfig(asking.surroundings, host))
        }),
      )
    }
  }
  if (answers.size === 0) return { configOf }
  const problems = asking.mentions.flatMap((mention) => {
    const asked: ShortHop[] = []
    const seen = (host: ShortHop) => {
      asked.push(host)
      return configOf(host)
    }
    const ssh = targetOf({ ...asking, mentions: [mention] }, seen)
    return ssh === null ? [] : asked.flatMap((host) => fault({ ssh, host, answer: answers.get(question(host)) }) ?? [])
  })
  const first = problems[0]
  return first === undefined ? { configOf } : { problems: [mistake('ssh-config', { path: placeOf(asking), ...first })] }
}

/** Building the hosts asks; what it could not be told is asked for, until nothing new comes up. */
const openQuestions = (asking: Asking, answers: ReadonlyMap<string, Answer>): readonly ShortHop[] => {
  const missing = new Map<string, ShortHop>()
  const configOf = (host: ShortHop): SshConfig | null => {
    const answer = answers.get(question(host))
    if (answer === undefined) missing.set(question(host), host)
    return answer === undefined || 'why' in answer ? null : answer
  }
  buildHosts({ ...asking, configOf }, asking)
  return [...missing.values()]
}

const targetOf = (asking: Asking, configOf: SshSources['configOf']): SshTarget | null => {
  const { hosts, leaving } = buildHosts({ ...asking, configOf }, asking)
  return (hosts[0] ?? leaving[0])?.ssh ?? null
}

const fault = (found: { ssh: SshTarget; host: ShortHop; answer: Answer | undefined }) => {
  const { ssh, host, answer } = found
  if (answer === undefined) return null
  if ('why' in answer)
    return {
      message: `\`config: use\` asks \`ssh -G ${host.address}\`, which fails: ${answer.why}`,
      hint: 'Install the OpenSSH client and mend ~/.ssh/config, or write what is needed into `ssh:` and `config: ignore`.',
    }
  if (ssh.client === 'system') return null
  const hint =
    'Write the way into `ssh: { jump: … }` with `config: ignore`, or let the ssh program connect: `client: system`.'
  // A host that is reached over others by the inventory's own word does not use its ProxyCommand.
  if (answer.proxyCommand !== null && ssh.jump.length === 0)
    return { message: `~/.ssh/config gives ${host.address} a ProxyCommand, which khactl cannot run itself`, hint }
  if (answer.hostKeyAlias !== null)
    return { message: `~/.ssh/config gives ${host.address} a HostKeyAlias, which khactl does not follow itself`, hint }
  return null
}

const placeOf = ({ whole, mentions }: Asking): YamlPath => {
  const own = mentions.find(({ entry }) => entry.ssh?.config === 'use')
  return whole.ssh?.config === 'use' || own === undefined ? ['ssh', 'config'] : [...own.path, 'ssh', 'config']
}
