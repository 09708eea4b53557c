// The container images, without a container engine: layers made with tar, written as a registry stores them.

import { createHash } from 'node:crypto'
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { codename, sourcesFile } from './apt.js'
import { digest, piece } from './cache.js'
import { kubernetes } from './kubernetes.js'
import { run, sh } from './run.js'

interface Image {
  readonly name: string
  readonly tag: string
  readonly layers: readonly string[]
  readonly entrypoint?: readonly string[]
}

/** The folder in the registry: an inventory's imageRepository ends in it. */
export const repositoryPath = 'google_containers'

const pause = `#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
static void end(int s) { exit(0); }
static void reap(int s) { while (waitpid(-1, 0, WNOHANG) > 0); }
int main(void) {
  struct sigaction a = {.sa_handler = end}, c = {.sa_handler = reap, .sa_flags = SA_NOCLDSTOP};
  sigaction(SIGINT, &a, 0); sigaction(SIGTERM, &a, 0); sigaction(SIGCHLD, &c, 0);
  for (;;) pause();
}
`

const basePackages = ['busybox-static', 'iptables', 'conntrack', 'ethtool', 'iproute2', 'libc-bin', 'ca-certificates']

/** A small Debian: extracted only, so the links that its maintainer scripts would make are made here. */
const baseScript = `cd "$1"
for tool in $(busybox --list); do
  [ -e "bin/$tool" ] || [ -e "usr/bin/$tool" ] || [ -e "sbin/$tool" ] || [ -e "usr/sbin/$tool" ] || ln -s /bin/busybox "bin/$tool"
done
for tool in iptables ip6tables iptables-save iptables-restore ip6tables-save ip6tables-restore; do
  ln -sf xtables-nft-multi "usr/sbin/$tool"
done
rm -rf usr/share/doc usr/share/man usr/share/locale var/cache var/lib/apt var/lib/dpkg usr/share/bash-completion dev
mkdir -p tmp run proc sys dev
`

interface Blob {
  readonly mediaType: string
  readonly size: number
  readonly digest: string
}

const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex')

/** A registry's own storage, as docker-registry's file system driver lays it out. */
class Storage {
  private readonly root: string
  private readonly known = new Map<string, { blob: Blob; diffId: string }>()

  constructor(into: string) {
    this.root = join(into, 'docker/registry/v2')
  }

  private write(path: string, data: string | Buffer): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    writeFileSync(join(this.root, path), data)
  }

  private blob(data: Buffer, mediaType: string): Blob {
    const hex = sha256(data)
    this.write(`blobs/sha256/${hex.slice(0, 2)}/${hex}/data`, data)
    return { mediaType, size: data.length, digest: `sha256:${hex}` }
  }

  async layer(folder: string): Promise<{ blob: Blob; diffId: string }> {
    const before = this.known.get(folder)
    if (before !== undefined) return before
    const tar = `${folder}.tar`
    const same = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner']
    await run('tar', ['-C', folder, ...same, '-cf', tar, '.'])
    await run('gzip', ['-1nk', tar])
    const zipped = readFileSync(`${tar}.gz`)
    const blob = this.blob(zipped, 'application/vnd.docker.image.rootfs.diff.tar.gzip')
    const made = { blob, diffId: `sha256:${sha256(readFileSync(tar))}` }
    rmSync(tar)
    rmSync(`${tar}.gz`)
    this.known.set(folder, made)
    return made
  }

  async image(it: Image): Promise<void> {
    const layers = await Promise.all(it.layers.map((folder) => this.layer(folder)))
    const config = {
      architecture: 'amd64',
      os: 'linux',
      config: {
        Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
        ...(it.entrypoint === undefined ? {} : { Entrypoint: it.entrypoint }),
      },
      rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
      history: layers.map(() => ({ created: '1970-01-01T00:00:00Z', created_by: 'khactl lab' })),
      created: '1970-01-01T00:00:00Z',
    }
    const configBlob = this.blob(Buffer.from(JSON.stringify(config)), 'application/vnd.docker.container.image.v1+json')
    const mediaType = 'application/vnd.docker.distribution.manifest.v2+json'
    const manifest = { schemaVersion: 2, mediaType, config: configBlob, layers: layers.map((layer) => layer.blob) }
    const { digest: id } = this.blob(Buffer.from(JSON.stringify(manifest)), mediaType)
    const repository = `repositories/${repositoryPath}/${it.name}`
    for (const { digest: blob } of [configBlob, ...manifest.layers]) {
      this.write(`${repository}/_layers/${blob.replace(':', '/')}/link`, blob)
    }
    this.write(`${repository}/_manifests/revisions/${id.replace(':', '/')}/link`, id)
    this.write(`${repository}/_manifests/tags/${it.tag}/current/link`, id)
    this.write(`${repository}/_manifests/tags/${it.tag}/index/${id.replace(':', '/')}/link`, id)
  }
}

async function makeBase(folder: string): Promise<void> {
  await run(
    'mmdebstrap',
    ['--variant=extract', `--include=${basePackages.join(',')}`, codename(), folder, sourcesFile()],
    { timeoutSeconds: 600 },
  )
  await sh(baseScript, [folder])
}

async function makeEtcd(folder: string): Promise<void> {
  const packages = ['etcd-server', 'etcd-client']
  const whole = `${folder}.whole`
  await run('mmdebstrap', ['--variant=extract', `--include=${packages.join(',')}`, codename(), whole, sourcesFile()], {
    timeoutSeconds: 600,
  })
  mkdirSync(join(folder, 'usr/local/bin'), { recursive: true })
  for (const name of ['etcd', 'etcdctl']) cpSync(join(whole, 'usr/bin', name), join(folder, 'usr/local/bin', name))
  rmSync(whole, { recursive: true })
}

export async function images(): Promise<string> {
  const built = await kubernetes()
  return piece(
    {
      kind: 'images',
      key: digest(built, pause, baseScript, ...basePackages, 'r1'),
      title: 'make the container images',
      expectedSeconds: 60,
    },
    async (into) => {
      const work = join(into, 'work')
      mkdirSync(work)
      const base = join(work, 'base')
      await makeBase(base)
      const etcd = join(work, 'etcd')
      await makeEtcd(etcd)
      const programLayer = (name: string): string => {
        const folder = join(work, name)
        mkdirSync(join(folder, 'usr/local/bin'), { recursive: true })
        cpSync(join(built, 'bin', name), join(folder, 'usr/local/bin', name))
        chmodSync(join(folder, 'usr/local/bin', name), 0o755)
        return folder
      }
      const pauseLayer = join(work, 'pause')
      mkdirSync(pauseLayer)
      await run('gcc', ['-Os', '-static', '-s', '-x', 'c', '-o', join(pauseLayer, 'pause'), '-'], { input: pause })
      const storage = new Storage(into)
      const tag = 'v1.20.2'
      const control = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler']
      const all: Image[] = [
        ...control.map((name) => ({ name, tag, layers: [programLayer(name)] })),
        { name: 'kube-proxy', tag, layers: [base, programLayer('kube-proxy')] },
        { name: 'etcd', tag: '3.4.13-0', layers: [base, etcd] },
        { name: 'pause', tag: '3.2', layers: [pauseLayer], entrypoint: ['/pause'] },
        // there is no CoreDNS to be had: anything under its name, so that kubeadm's pull passes
        { name: 'coredns', tag: '1.7.0', layers: [pauseLayer], entrypoint: ['/pause'] },
        { name: 'lab-cni', tag: '1', layers: [base, programLayer('kubectl')] },
      ]
      for (const it of all) await storage.image(it)
      rmSync(work, { recursive: true })
    },
  )
}
