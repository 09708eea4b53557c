// Makes one rpm from a folder with its files.

import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './run.js'

export interface Rpm {
  readonly name: string
  readonly version: string
  readonly release: string
  readonly summary: string
  readonly requires: readonly string[]
  readonly provides: readonly string[]
  readonly scripts: Readonly<Record<string, string>>
  /** folder with the files; without one the package is only a name */
  readonly root: string | undefined
}

function filesOf(root: string, below = ''): string[] {
  const entries = readdirSync(join(root, below), { withFileTypes: true })
  if (entries.length === 0 && below !== '') return [`%dir "/${below}"`]
  return entries.flatMap((it) => {
    const path = below === '' ? it.name : `${below}/${it.name}`
    if (it.isDirectory()) return filesOf(root, path)
    return [`${path.startsWith('etc/') ? '%config(noreplace) ' : ''}"/${path}"`]
  })
}

const quiet = ['__os_install_post', 'debug_package', '__brp_mangle_shebangs'].map((it) => `%global ${it} %{nil}`)

function spec(it: Rpm): string {
  const scripts = Object.entries(it.scripts).flatMap(([name, text]) => [`%${name}`, text])
  return [
    ...quiet,
    '%global _build_id_links none',
    '%global _binary_payload w3.zstdio',
    `Name: ${it.name}`,
    `Version: ${it.version}`,
    `Release: ${it.release}`,
    `Summary: ${it.summary}`,
    'License: see the Debian package',
    'AutoReqProv: no',
    ...it.requires.map((name) => `Requires: ${name}`),
    ...it.provides.map((name) => `Provides: ${name}`),
    '%description',
    it.summary,
    '%install',
    ...(it.root === undefined ? [] : [`cp -a "${it.root}/." "%{buildroot}/"`]),
    ...scripts,
    '%files',
    ...(it.root === undefined ? [] : filesOf(it.root)),
    '',
  ].join('\n')
}

/** Builds the package into a folder; its own folder of files is left to the caller. */
export async function buildRpm(it: Rpm, into: string): Promise<void> {
  const work = join(into, `.build-${it.name}-${it.version}`)
  mkdirSync(work, { recursive: true })
  const file = join(work, 'package.spec')
  writeFileSync(file, spec(it))
  const define = (name: string, value: string): string[] => ['--define', `${name} ${value}`]
  const options = [...define('_topdir', work), ...define('_rpmdir', join(work, 'out'))]
  await run('rpmbuild', ['-bb', '--quiet', '--target', 'x86_64', '--nodeps', ...options, file], { timeoutSeconds: 600 })
  for (const name of readdirSync(join(work, 'out/x86_64'))) {
    renameSync(join(work, 'out/x86_64', name), join(into, name))
  }
  rmSync(work, { recursive: true })
}
