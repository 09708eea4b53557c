// Wraps the Kubernetes programs as .deb packages.

import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Package } from './packages.js'
import { run } from './run.js'

// as debhelper writes it into upstream's package: the unit is enabled and started when the package is installed
const kubeletScripts: Readonly<Record<string, string>> = {
  postinst: `#!/bin/sh
set -e
if [ "$1" = configure ] || [ "$1" = abort-upgrade ]; then
  deb-systemd-helper unmask kubelet.service >/dev/null || true
  if deb-systemd-helper --quiet was-enabled kubelet.service; then
    deb-systemd-helper enable kubelet.service >/dev/null || true
  else
    deb-systemd-helper update-state kubelet.service >/dev/null || true
  fi
  if [ -d /run/systemd/system ]; then
    systemctl --system daemon-reload >/dev/null || true
    if [ -n "$2" ]; then action=restart; else action=start; fi
    deb-systemd-invoke $action kubelet.service >/dev/null || true
  fi
fi
`,
  prerm: `#!/bin/sh
set -e
if [ -d /run/systemd/system ] && [ "$1" = remove ]; then
  deb-systemd-invoke stop kubelet.service >/dev/null || true
fi
`,
  postrm: `#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then systemctl --system daemon-reload >/dev/null || true; fi
if [ "$1" = remove ]; then deb-systemd-helper mask kubelet.service >/dev/null || true; fi
if [ "$1" = purge ]; then
  deb-systemd-helper purge kubelet.service >/dev/null || true
  deb-systemd-helper unmask kubelet.service >/dev/null || true
fi
`,
}

const revisionOf = (it: Package): string => (it.name === 'cri-tools' ? '01' : '00')

export async function buildDeb(it: Package, architecture: string, into: string): Promise<void> {
  const root = join(into, `${it.name}-${it.version}.build`)
  for (const file of it.files) {
    const path = join(root, file.path)
    mkdirSync(dirname(path), { recursive: true })
    if ('text' in file.from) writeFileSync(path, file.from.text)
    else cpSync(file.from.file, path)
    chmodSync(path, file.executable ? 0o755 : 0o644)
  }
  const control = join(root, 'DEBIAN')
  mkdirSync(control)
  const full = `${it.version}-${revisionOf(it)}`
  const fields = [
    `Package: ${it.name}`,
    `Version: ${full}`,
    `Architecture: ${architecture}`,
    'Maintainer: khactl lab <lab@localhost>',
    ...(it.depends.deb.length === 0 ? [] : [`Depends: ${it.depends.deb.join(', ')}`]),
    'Section: misc',
    'Priority: optional',
    `Description: ${it.summary}`,
  ]
  writeFileSync(join(control, 'control'), `${fields.join('\n')}\n`)
  const config = it.files.filter((file) => file.config).map((file) => `/${file.path}\n`)
  if (config.length > 0) writeFileSync(join(control, 'conffiles'), config.join(''))
  if (it.name === 'kubelet') {
    for (const [name, script] of Object.entries(kubeletScripts)) {
      writeFileSync(join(control, name), script, { mode: 0o755 })
    }
  }
  const target = join(into, `${it.name}_${full}_${architecture}.deb`)
  await run('dpkg-deb', ['--root-owner-group', '-Zzstd', '-z3', '--build', root, target])
  rmSync(root, { recursive: true })
}
