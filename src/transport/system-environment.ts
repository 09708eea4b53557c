// What the ssh program and its helpers get of the operator's environment: no more than they need.

export type Environment = Readonly<Record<string, string | undefined>>

const kept = ['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'XDG_RUNTIME_DIR']

/** English messages, because they are read; sh for ProxyCommand, whatever the operator's shell. */
export const systemEnvironment = (given: Environment, agentSocket: string | undefined): Environment => ({
  PATH: '/usr/local/bin:/usr/bin:/bin',
  ...Object.fromEntries(kept.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]]))),
  ...(agentSocket ? { SSH_AUTH_SOCK: agentSocket } : {}),
  LC_ALL: 'C',
  SHELL: '/bin/sh',
})
