// The program as people run it: src/cli/start.ts and all it needs as one script, beside it what V8 makes of that, and src/cli/load.ts to run it.
import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'
import { crc32 } from 'node:zlib'
import { build, type BuildOptions, type Plugin } from 'esbuild'

const dist = process.argv[2] ?? 'dist'
// The folder counts: main finds package.json and playbooks two folders up.
const folder = join(dist, 'cli')

const options = {
  bundle: true,
  // V8's cache of code is for scripts, not for ES modules, and node has it for those only from version 22 on.
  format: 'cjs',
  platform: 'node',
  target: 'node20.20',
  // What is not read need not be parsed. Names stay, for the stacks of defects that people report.
  minifySyntax: true,
  minifyWhitespace: true,
  write: false,
  define: { 'import.meta.dirname': '__dirname' },
  logOverride: { 'empty-import-meta': 'error' },
  logLevel: 'warning',
} satisfies BuildOptions

/** The argument parser would load node's child_process for programs named after subcommands, of which khactl has none. */
const noSubcommands: Plugin = {
  name: 'no programs for subcommands',
  setup: (bundle) => {
    bundle.onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      importer.includes('/commander/') ? { path: 'none', namespace: 'none' } : null,
    )
    bundle.onLoad({ filter: /./, namespace: 'none' }, () => ({ contents: 'module.exports = {}' }))
  },
}

/** What a command loads when it is called: help calls none. */
const withoutCommands: Plugin = {
  name: 'without what commands load',
  setup: (bundle) => {
    bundle.onResolve({ filter: /^\./ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, external: true } : null,
    )
  },
}

const textOf = async (of: BuildOptions): Promise<string> =>
  (await build({ ...options, ...of })).outputFiles?.[0]?.text ?? ''

const scriptOf = (plugins: readonly Plugin[]): Promise<string> =>
  textOf({
    entryPoints: ['src/cli/start.ts'],
    // A script has no loader of its own; import() of our own files is a call here, and node's are there at once.
    supported: { 'dynamic-import': false },
    // Native parts of ssh2, which goes on without them.
    external: ['cpu-features', '*.node'],
    banner: { js: '(function (require, __dirname) {' },
    footer: { js: '})' },
    plugins: [noSubcommands, ...plugins],
  })

/** All functions, also those that are called late: V8 would compile them one by one. */
const compiled = (text: string, name: string): Buffer => {
  setFlagsFromString('--no-lazy')
  const script = new Script(text, { filename: name })
  // What is made with other flags than it is used with is refused.
  setFlagsFromString('--lazy')
  return script.createCachedData()
}

/** V8 compares no more than the length of a text with what it compiled of it, hence the name; and of that it checks nothing. */
const writeScript = (what: string, text: string): { readonly file: string; readonly compiledCrc: number } => {
  const file = `${what}-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.cjs`
  const code = compiled(text, file)
  writeFileSync(join(folder, file), text)
  writeFileSync(join(folder, `${file}.compiled`), code)
  return { file, compiledCrc: crc32(code) }
}

const [program, help] = await Promise.all([scriptOf([]), scriptOf([withoutCommands])])
rmSync(dist, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const scripts = { program: writeScript('program', program), help: writeScript('help', help) }
const loader = await textOf({
  entryPoints: ['src/cli/load.ts'],
  define: { ...options.define, scripts: JSON.stringify(scripts) },
  banner: { js: '#!/usr/bin/env node' },
})
writeFileSync(join(folder, 'main.cjs'), loader, { mode: 0o755 })
