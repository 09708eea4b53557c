// The built program's first file: runs the program with what V8 made of it when it was built, since parsing it anew takes longer than dialling.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Script } from 'node:vm'

/** The files' names carry the hash of what is in the program: V8 itself compares no more than lengths. Set by esbuild.config.ts. */
declare const builtProgram: string

const folder = import.meta.dirname
const file = join(folder, builtProgram)

/** Of another version of node, or of one with other flags, it is refused, and all is parsed as it is needed. */
const compiled = (name: string): Buffer | undefined => {
  try {
    return readFileSync(`${file}.${name}`)
  } catch {
    return undefined
  }
}

/** Help and mistakes take so little of the program that reading all of it would be the longer part. */
const short =
  process.argv.length <= 2 || process.argv.some((arg) => arg === '--help' || arg === '-h' || arg === '--version')

// esbuild writes ASCII: the quickest to read.
const script = new Script(readFileSync(file, 'latin1'), {
  filename: file,
  cachedData: compiled(short ? 'outline' : 'whole'),
})
script.runInThisContext()(createRequire(file), folder)
