// khactl validate: every mistake of an inventory; no host is connected to.
import { exitCodes } from '../../model/error.js'
import type { Diagnostic } from '../../model/diagnostic.js'
import { diagnosticsText } from '../../text/diagnostics.js'
import { count, listed } from '../../text/say.js'
import type { Io } from '../io.js'
import type { ValidateOptions } from '../options.js'
import { readInventory } from '../read-inventory.js'

export const validate = async ({ inventory: file, output }: ValidateOptions, io: Io): Promise<number> => {
  const { inventory, diagnostics } = await readInventory(file, io)
  if (output === 'json') io.stdout.write(`${JSON.stringify({ version: 1, file, diagnostics }, null, 2)}\n`)
  else if (inventory === null) io.stderr.write(`${diagnosticsText(diagnostics)}\n${file}: ${counts(diagnostics)}\n`)
  else {
    const { name, version } = inventory.cluster
    const what = `cluster ${name}, Kubernetes ${version.text}, ${count(inventory.hosts.length, 'host')}`
    const but = diagnostics.length === 0 ? '' : `; ${counts(diagnostics)}`
    io.stderr.write(diagnosticsText(diagnostics))
    io.stdout.write(`${file} is right: ${what}${but}.\n`)
  }
  return inventory ? exitCodes.ok : exitCodes.usage
}

const counts = (diagnostics: readonly Diagnostic[]): string => {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length
  const warnings = diagnostics.length - errors
  return listed([
    ...(errors > 0 ? [count(errors, 'mistake')] : []),
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
  ])
}
