// The built program's first file: runs the program with what V8 made of it when it was built, since parsing it anew takes longer than dialling.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Script } from 'node:vm'
import { crc32 } from 'node:zlib'

/** Set by esbuild.config.ts: all of the program, and a twentieth of it, which runs no command. */
declare const scripts: Readonly<Record<'program' | 'help', { readonly file: string; readonly compiledCrc: number }>>

/** `khactl`, `khactl --help`, `khactl COMMAND --help`; what only might be one is read by the whole program. */
const isHelp = (words: readonly string[]): boolean =>
  words.length <= 2 && [undefined, '--help', '-h'].includes(words.at(-1))

/** V8 refuses what another version of node made, or one with other flags, and not what a disk damaged. Without it, all is parsed as needed. */
const intact = (file: string, crc: number): Buffer | undefined => {
  try {
    const code = readFileSync(file)
    return crc32(code) === crc ? code : undefined
  } catch {
    return undefined
  }
}

const { file, compiledCrc } = scripts[isHelp(process.argv.slice(2)) ? 'help' : 'program']
const folder = import.meta.dirname
const path = join(folder, file)
// esbuild writes ASCII, which is the quickest to read.
const script = new Script(readFileSync(path, 'latin1'), {
  filename: path,
  cachedData: intact(`${path}.compiled`, compiledCrc),
})
script.runInThisContext()(createRequire(path), folder)
