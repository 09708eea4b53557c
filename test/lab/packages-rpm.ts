// Wraps as rpms what there is as Debian packages, and the Kubernetes programs.

import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Package } from './packages.js'
import { buildRpm } from './rpm.js'
import { run, sh } from './run.js'

/** Debian's name → that of the RHEL family. */
const renamed: Readonly<Record<string, string>> = {
  conntrack: 'conntrack-tools',
  'iputils-arping': 'iputils',
  ipvsadm: 'ipvsadm',
}

const alsoProvides: Readonly<Record<string, readonly string[]>> = {
  conntrack: ['conntrack'],
  iptables: ['iptables-nft', 'ebtables', 'arptables'],
  containerd: ['containerd.io'],
}

const user = (name: string, home: string): string =>
  `getent passwd ${name} >/dev/null || useradd --system --user-group --home-dir ${home} --shell /usr/sbin/nologin ${name}`

const before: Readonly<Record<string, string>> = {
  haproxy: user('haproxy', '/var/lib/haproxy'),
  chrony: user('_chrony', '/var/lib/chrony'),
}

/** What Debian's maintainer scripts would add to the files. */
const additions: Readonly<Record<string, string>> = {
  iptables: `cd "$1/usr/sbin"
for tool in iptables ip6tables; do
  for form in '' -save -restore; do ln -sf xtables-nft-multi "$tool$form"; done
done
ln -sf xtables-nft-multi ebtables; ln -sf xtables-nft-multi arptables`,
  haproxy: 'mkdir -p "$1/var/lib/haproxy" "$1/etc/haproxy"',
  keepalived: 'mkdir -p "$1/etc/keepalived"',
  chrony: `cd "$1"
mkdir -p etc/chrony var/lib/chrony
sed 's#/etc/chrony/chrony.conf#/etc/chrony.conf#g' usr/share/chrony/chrony.conf >etc/chrony.conf
ln -sf ../chrony.conf etc/chrony/chrony.conf
units=usr/lib/systemd/system
grep -v '^Alias=' $units/chrony.service >$units/chronyd.service
rm $units/chrony.service`,
}

/** What the file triggers of the family's own packages do. */
const afterInstall = [
  'ldconfig 2>/dev/null || :',
  'systemctl daemon-reload >/dev/null 2>&1 || :',
  'systemd-tmpfiles --create >/dev/null 2>&1 || :',
].join('\n')

/** Everything lies below usr/ on the hosts, where bin, sbin and lib are links. */
const merge = `cd "$1"
for folder in bin sbin lib lib64; do
  [ -d "$folder" ] || continue
  mkdir -p "usr/$folder"
  cp -a "$folder/." "usr/$folder/"
  rm -rf "$folder"
done
rm -rf usr/share/doc usr/share/man usr/share/lintian usr/share/bash-completion etc/init.d usr/share/locale
find . -depth -mindepth 1 -type d -empty -path './usr/*' -delete`

interface Debian {
  readonly name: string
  readonly file: string
}

/** Wraps one Debian package; what it needs counts only if it is wrapped too, else the hosts have it. */
export async function wrapDebian(it: Debian, wrapped: ReadonlySet<string>, into: string): Promise<void> {
  const fields = (await run('dpkg-deb', ['-f', it.file, 'Version', 'Depends', 'Pre-Depends'])).stdout
  const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(fields)?.[1] ?? ''
  const version = field('Version')
    .replace(/^\d+:/, '')
    .replace(/-[^-]*$/, '')
    .replace(/[~+](really|ds|dfsg).*$/, '')
  const requires = [field('Depends'), field('Pre-Depends')]
    .flatMap((list) => list.split(','))
    .flatMap(
      (one) =>
        one
          .split('|')
          .map((other) => other.trim().replace(/[ :(].*$/, ''))
          .find((name) => wrapped.has(name)) ?? [],
    )
    .map((name) => renamed[name] ?? name)
  const root = join(into, `.root-${it.name}`)
  await run('dpkg-deb', ['-x', it.file, root])
  await sh(merge, [root])
  const addition = additions[it.name]
  if (addition !== undefined) await sh(addition, [root])
  const script = before[it.name]
  await buildRpm(
    {
      name: renamed[it.name] ?? it.name,
      version: version.replaceAll('-', '.'),
      release: '1.lab',
      summary: `${it.name} of Debian ${field('Version')}`,
      requires: [...new Set(requires)],
      provides: alsoProvides[it.name] ?? [],
      scripts: {
        ...(script === undefined ? {} : { pre: script }),
        post: afterInstall,
      },
      root,
    },
    into,
  )
  rmSync(root, { recursive: true })
}

const reload = 'systemctl daemon-reload >/dev/null 2>&1 || :'

/** As upstream's rpms: nothing is enabled or started by the installation. */
export async function wrapKubernetes(it: Package, into: string): Promise<void> {
  const root = join(into, `.root-${it.name}`)
  for (const file of it.files) {
    const path = join(root, file.path)
    mkdirSync(dirname(path), { recursive: true })
    if ('text' in file.from) writeFileSync(path, file.from.text)
    else cpSync(file.from.file, path)
    chmodSync(path, file.executable ? 0o755 : 0o644)
  }
  const { name, version, summary } = it
  const scripts: Record<string, string> = name === 'kubelet' ? { post: reload, postun: reload } : {}
  await buildRpm({ name, version, release: '0', summary, requires: it.depends.rpm, provides: [], scripts, root }, into)
  rmSync(root, { recursive: true })
}
