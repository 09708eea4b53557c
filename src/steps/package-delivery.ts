// Carries package files from the operator's machine to a host, with those of their dependencies that lie beside them.
import { familyScript } from '../facts/os.js'
import type { PackageFile } from '../facts/package-files.js'
import type { Writer, Writers } from '../model/step.js'
import { raw, sh } from '../text/sh.js'
import { upload } from './upload.js'

/** Root-only; not /run, which is memory. Removed after the installation. */
const packageFolder = '/var/lib/khactl/packages'
const statusFormat = '${db:Status-Status}'
/** Dependencies of dependencies are looked for this many times. */
const mostRounds = 10

export interface Delivery {
  /** To be installed. */
  readonly wanted: readonly PackageFile[]
  /** What else lies in the folder for this host's family and architecture, the newest of each name. */
  readonly pool: readonly PackageFile[]
}

export interface Delivered {
  /** Paths on the host. */
  readonly paths: readonly string[]
  /** Names of what came along because the wanted ones need it and the host has not got it. */
  readonly dependencies: readonly string[]
}

export const deliver = async (at: Writers, { wanted, pool }: Delivery): Promise<Delivered> => {
  const operator = await at.at('operator')
  // What a run that died has brought is not brought again.
  await at.self.run(sh`umask 077; mkdir -p ${packageFolder} && chmod 700 ${packageFolder}`, { repeat: 'harmless' })
  const sent = new Map<string, string>()
  let next = wanted
  for (let round = 0; next.length > 0 && round < mostRounds; round += 1) {
    const arrived: string[] = []
    for (const one of next) {
      const path = `${packageFolder}/${one.path.slice(one.path.lastIndexOf('/') + 1)}`
      await upload({ operator, host: at.self, from: one.path, to: path })
      sent.set(one.name, path)
      arrived.push(path)
    }
    const needed = await missing(at.self, arrived)
    next = pool.filter(({ name }) => needed.has(name) && !sent.has(name))
  }
  const dependencies = [...sent.keys()].filter((name) => !wanted.some((one) => one.name === name))
  return { paths: [...sent.values()], dependencies }
}

export const clearDelivery = async (host: Writer): Promise<void> => {
  await host.run(sh`rm -rf ${packageFolder}; rmdir /var/lib/khactl 2>/dev/null || true`)
}

/** Names that the files need and that are not installed. What a host's repositories have is left to its package manager. */
const missing = async (host: Writer, paths: readonly string[]): Promise<ReadonlySet<string>> => {
  const answer = await host.run(sh`${raw(familyScript)}
for f in ${paths}; do
  case $f in
  *.deb) dpkg-deb -f "$f" Pre-Depends Depends | sed 's/^[A-Za-z-]*: //' | tr ',|' '\n\n';;
  *) rpm -qpR "$f" 2>/dev/null;;
  esac
done | sed 's/^ *//; s/[ (:<>=].*//' | sort -u | while read -r n; do
  case $family in
  debian) [ "$(dpkg-query -W -f ${statusFormat} "$n" 2>/dev/null)" = installed ];;
  *) rpm -q --quiet "$n" 2>/dev/null;;
  esac || echo "$n"
done`)
  return new Set(answer.stdout.toString('utf8').split('\n'))
}
