// khactl validate: every mistake of an inventory, nothing connected to.
import { resolve } from 'node:path'
import { loadInventory } from '../../inventory/load.js'
import { exitCodes } from '../../model/error.js'
import { diagnosticsText } from '../../text/diagnostics.js'
import { count } from '../../text/say.js'
import { cacheFolder } from '../folders.js'
import type { Io } from '../io.js'
import type { ValidateOptions } from '../options.js'

export const validate = async ({ inventory: file, output }: ValidateOptions, io: Io): Promise<number> => {
  const { inventory, diagnostics } = await loadInventory({
    file: resolve(io.cwd, file),
    env: io.env,
    home: io.home,
    cacheDir: cacheFolder(io),
  })
  if (output === 'json') io.stdout.write(`${JSON.stringify({ version: 1, file, diagnostics }, null, 2)}\n`)
  else {
    io.stderr.write(diagnosticsText(diagnostics))
    if (inventory) {
      const { name, version } = inventory.cluster
      io.stdout.write(
        `${file} is right: cluster ${name}, Kubernetes ${version.text}, ${count(inventory.hosts.length, 'host')}.\n`,
      )
    }
  }
  return inventory ? exitCodes.ok : exitCodes.usage
}
