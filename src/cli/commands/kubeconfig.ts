// khactl kubeconfig: the admin's kubeconfig, fetched from a healthy master; no other host is contacted.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { exitCodes, KhactlError } from '../../model/error.js'
import type { Inventory } from '../../model/inventory.js'
import { diagnosticsText } from '../../text/diagnostics.js'
import { quote } from '../../text/quote.js'
import { fetchKubeconfig } from '../fetch-kubeconfig.js'
import type { Io } from '../io.js'
import { readInventory } from '../read-inventory.js'
import { withVisit } from '../visit.js'

export interface KubeconfigOptions {
  readonly inventory: string
  /** null: where the inventory says; `-`: standard output. */
  readonly output: string | null
  readonly merge: 'merge' | 'as the inventory says'
  readonly hostKeys: 'accept-new' | 'strict' | null
  readonly again: string
}

export const kubeconfig = async (options: KubeconfigOptions, io: Io): Promise<number> => {
  const { inventory, diagnostics } = await readInventory(options.inventory, io)
  if (inventory === null) {
    io.stderr.write(diagnosticsText(diagnostics))
    return exitCodes.usage
  }
  const fetched = (kubeconfig: Inventory['cluster']['kubeconfig'], told: (how: string) => Promise<void>) => {
    const wanted: Inventory = { ...inventory, cluster: { ...inventory.cluster, kubeconfig } }
    const hosts = inventory.hosts.filter(({ roles }) => roles.includes('master'))
    const { hostKeys, again } = options
    return withVisit(
      { command: 'kubeconfig', inventory: wanted, hosts, hostKeys, again, sinks: [], io },
      async (visit) => {
        await told(await fetchKubeconfig(visit, { inventory: wanted, masters: hosts }))
        return { exit: 'ok', code: exitCodes.ok }
      },
    )
  }
  if (options.output === '-')
    return inPassing((file) =>
      fetched({ file, merge: 'no' }, async () => {
        io.stdout.write(await readFile(file, 'utf8'))
      }),
    )
  const { name, kubeconfig: settings } = inventory.cluster
  const file = options.output === null ? settings.file : resolve(io.cwd, options.output)
  if (file === null) throw nowhere()
  const merge = options.merge === 'merge' ? 'merge' : settings.merge
  return fetched({ file, merge }, async (how) => {
    const context = merge === 'merge' ? ` --context ${quote(`kubernetes-admin@${name}`)}` : ''
    io.stdout.write(`${how} ${file}:\n  kubectl --kubeconfig ${quote(file)}${context} get nodes\n`)
  })
}

/** A file that nobody else can read, gone when the work has ended. */
const inPassing = async (work: (file: string) => Promise<number>): Promise<number> => {
  const folder = await mkdtemp(join(tmpdir(), 'khactl-'))
  try {
    return await work(join(folder, 'kubeconfig'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const nowhere = (): KhactlError =>
  new KhactlError('cli.no-file', {
    message: 'the inventory says kubeconfig: none',
    exit: 'usage',
    hint: 'Name a file with --output, or - for standard output.',
  })
