// The servers of the controller: package repositories over HTTP, and the image registry.

import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { groupOf } from './cgroup.js'
import { packageDirectory } from './directory.js'
import { images } from './images.js'
import { insideController } from './network.js'
import { bcrypt } from './odd/secrets.js'
import type { Paths } from './paths.js'
import { alive, recall, remember } from './process.js'
import { controllerOf, type System } from './profiles.js'
import { debianRepository, kubernetesDebRepository } from './repository-deb.js'
import { run } from './run.js'
import { installScripts } from './scripts.js'
import { httpPort, registryPort } from './site.js'

export interface RegistryLogin {
  readonly user: string
  readonly password: string
}

export interface Services {
  /** where each repository is found below the web root */
  readonly www: Readonly<Record<string, string>>
  readonly registry: string
  /** what lies beside the inventory for installing from a directory */
  readonly directories: Readonly<Record<string, string>>
}

export async function prepareServices(system: System): Promise<Services> {
  const deb = [await debianRepository(), await kubernetesDebRepository()] as const
  const www: Record<string, string> = { 'apt/debian': deb[0], 'apt/kubernetes': deb[1] }
  const directories: Record<string, string> = { 'packages-deb': await packageDirectory('deb', deb) }
  if (system === 'rpm') {
    const { baseRpmRepository, kubernetesRpmRepository } = await import('./repository-rpm.js')
    const rpm = [await baseRpmRepository(), await kubernetesRpmRepository()] as const
    www['dnf/base'] = rpm[0]
    www['dnf/kubernetes'] = rpm[1]
    directories['packages-rpm'] = await packageDirectory('rpm', rpm)
  }
  return { www, registry: await images(), directories }
}

/** `login`: of the registry, which lets everybody in without one. */
export async function startServices(paths: Paths, services: Services, login: RegistryLogin | undefined): Promise<void> {
  const address = controllerOf(paths.lab)
  const www = join(paths.state, 'www')
  for (const [name, folder] of Object.entries(services.www)) {
    mkdirSync(dirname(join(www, name)), { recursive: true })
    rmSync(join(www, name), { force: true })
    symlinkSync(folder, join(www, name))
  }
  const config = join(paths.state, 'registry.yml')
  const users = join(paths.state, 'registry-users')
  if (login !== undefined) writeFileSync(users, `${login.user}:${await bcrypt(login.password)}\n`, { mode: 0o600 })
  writeFileSync(
    config,
    `version: 0.1
log: { level: warn }
storage:
  filesystem: { rootdirectory: ${services.registry} }
  maintenance: { readonly: { enabled: true } }
http: { addr: "${address}:${registryPort}" }
${login === undefined ? '' : `auth:\n  htpasswd: { realm: lab, path: ${users} }\n`}`,
  )
  startService(paths, 'repositories', {
    command: ['busybox', 'httpd', '-f', '-p', `${address}:${httpPort}`, '-h', www],
  })
  startService(paths, 'registry', { command: ['docker-registry', 'serve', config] })
  await answers(paths, `http://${address}:${httpPort}/apt/kubernetes/dists/stable/Release`, 'repositories')
  await answers(paths, `http://${address}:${registryPort}/${login === undefined ? 'v2/' : ''}`, 'registry')
}

/** Starts a program of the controller unless it runs already, and says whether it did. `before`: done just before. */
export function startService(
  paths: Paths,
  name: string,
  { command, before = () => undefined }: { readonly command: readonly string[]; readonly before?: () => void },
): boolean {
  const earlier = recall(paths.state, name)
  if (earlier !== undefined && alive(earlier)) return false
  before()
  installScripts(paths)
  mkdirSync(paths.log, { recursive: true })
  const log = openSync(join(paths.log, `${name}.log`), 'a')
  const args = [join(paths.state, 'cgroup.sh'), groupOf(paths.lab, '_lab'), ...insideController(paths.lab, ...command)]
  const child = spawn('sh', args, { detached: true, stdio: ['ignore', log, log], cwd: '/' })
  closeSync(log)
  if (child.pid === undefined) throw new Error(`cannot start ${name}`)
  remember(paths.state, name, child.pid)
  child.unref()
  return true
}

async function answers(paths: Paths, url: string, name: string): Promise<void> {
  const [command = '', ...args] = insideController(paths.lab, 'busybox', 'wget', '-q', '-O', '/dev/null', url)
  for (let tries = 0; tries < 50; tries += 1) {
    const it = await run(command, args, { accept: [1], timeoutSeconds: 10 })
    if (it.code === 0) return
    await sleep(200)
  }
  throw new Error(`${name} do not answer at ${url}; see ${join(paths.log, `${name}.log`)}`)
}
