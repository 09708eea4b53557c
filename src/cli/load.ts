// The built program's first file: runs the program with what V8 made of it when it was built, since parsing it anew takes longer than dialling.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Script } from 'node:vm'

/** Two scripts, set by esbuild.config.ts: all of the program, and a twentieth of it, which runs no command. */
declare const programFile: string
declare const helpFile: string

/** `khactl`, `khactl --help`, `khactl COMMAND --help`; what only might be one is read by the whole program. */
const isHelp = (words: readonly string[]): boolean =>
  words.length <= 2 && [undefined, '--help', '-h'].includes(words.at(-1))

/** Of another version of node, or of one with other flags, V8 refuses it, and parses what is needed. */
const compiled = (file: string): Buffer | undefined => {
  try {
    return readFileSync(`${file}.compiled`)
  } catch {
    return undefined
  }
}

const folder = import.meta.dirname
const file = join(folder, isHelp(process.argv.slice(2)) ? helpFile : programFile)
// esbuild writes ASCII, which is the quickest to read.
const script = new Script(readFileSync(file, 'latin1'), { filename: file, cachedData: compiled(file) })
script.runInThisContext()(createRequire(file), folder)
