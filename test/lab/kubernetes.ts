// Kubernetes itself, built once from Debian's source package, and a crictl made in the same tree.

import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { aptOptions, updateLists } from './apt.js'
import { digest, piece } from './cache.js'
import { cacheRoot } from './paths.js'
import { run, sh } from './run.js'

export const version = '1.20.2'

const programs = [
  'kubeadm',
  'kubelet',
  'kubectl',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
] as const

const stamp = `KUBE_GIT_COMMIT='faecb196815e248d3ecfb03c680a4507229c2a56'
KUBE_GIT_TREE_STATE='clean'
KUBE_GIT_VERSION='v${version}'
KUBE_GIT_MAJOR='1'
KUBE_GIT_MINOR='20'
`

// the vendored reflect2 breaks at run time from Go 1.18 on; Debian's is mended
const mend = `cd "$1"
rm -f vendor/github.com/modern-go/reflect2/*.go vendor/github.com/modern-go/reflect2/*.s
cp /usr/share/gocode/src/github.com/modern-go/reflect2/*.go /usr/share/gocode/src/github.com/modern-go/reflect2/*.s \
  vendor/github.com/modern-go/reflect2/
`

async function make(source: string, what: readonly string[], log: string): Promise<void> {
  const env = {
    PATH: process.env['PATH'],
    HOME: join(cacheRoot, 'go'),
    GOFLAGS: '',
    GOLDFLAGS: '-s -w',
    CGO_ENABLED: '0',
    KUBE_GIT_VERSION_FILE: join(source, 'version-stamp'),
  }
  mkdirSync(env.HOME, { recursive: true })
  // niced: the machine stays usable meanwhile
  const list = what.map((it) => `cmd/${it}`).join(' ')
  await run('nice', ['make', 'all', `WHAT=${list}`], { cwd: source, env, log, timeoutSeconds: 3600 })
}

/** Folder with bin/ (the programs) and source/ (the tree they were built from). */
export const kubernetes = (): Promise<string> =>
  piece(
    {
      kind: 'kubernetes',
      key: `${version}-${digest(stamp, mend, ...programs)}`,
      title: `build Kubernetes v${version} from Debian's source package`,
      expectedSeconds: 600,
    },
    async (into) => {
      const log = join(cacheRoot, 'kubernetes.log')
      rmSync(log, { force: true })
      await updateLists()
      await run('apt-get', [...aptOptions(), '-q', '--only-source', 'source', 'kubernetes'], { cwd: into, log })
      const name = readdirSync(into, { withFileTypes: true }).find((it) => it.isDirectory())?.name
      if (name?.endsWith(version) !== true) throw new Error(`Debian's kubernetes source is ${name}, not ${version}`)
      const source = join(into, 'source')
      renameSync(join(into, name), source)
      await sh(mend, [source], { log })
      writeFileSync(join(source, 'version-stamp'), stamp)
      await make(source, programs, log)
      mkdirSync(join(into, 'bin'))
      for (const program of programs)
        cpSync(join(source, '_output/local/bin/linux/amd64', program), join(into, 'bin', program))
      for (const file of readdirSync(into)) if (file.startsWith('kubernetes_')) rmSync(join(into, file))
      // links in it are absolute and would not survive the move to the final name
      rmSync(join(source, '_output'), { recursive: true })
    },
  )

/** Folder with crictl in it. */
export async function crictl(): Promise<string> {
  const text = readFileSync(new URL('crictl.go', import.meta.url), 'utf8')
  const built = await kubernetes()
  return piece(
    { kind: 'crictl', key: digest(built, text), title: 'build crictl', expectedSeconds: 90 },
    async (into) => {
      const source = join(built, 'source')
      const log = join(cacheRoot, 'crictl.log')
      rmSync(log, { force: true })
      mkdirSync(join(source, 'cmd/crictl'), { recursive: true })
      writeFileSync(join(source, 'cmd/crictl/main.go'), text)
      await make(source, ['crictl'], log)
      const result = join(source, '_output/local/bin/linux/amd64/crictl')
      if (!existsSync(result)) throw new Error(`no crictl was built; log: ${log}`)
      cpSync(result, join(into, 'crictl'))
      rmSync(join(source, '_output'), { recursive: true })
    },
  )
}
