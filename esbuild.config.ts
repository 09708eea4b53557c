// The program as people run it: src/cli/start.ts and all it needs in one file, beside it what V8 makes of that, and src/cli/load.ts to run it.
import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'
import { build, type BuildOptions } from 'esbuild'

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
  logLevel: 'warning',
} satisfies BuildOptions

const { outputFiles } = await build({
  ...options,
  entryPoints: ['src/cli/start.ts'],
  // A script has no loader of its own; import() of our own files is a call here, and node's are there at once.
  supported: { 'dynamic-import': false },
  define: { 'import.meta.dirname': '__dirname' },
  logOverride: { 'empty-import-meta': 'error' },
  // Native parts of ssh2, which goes on without them.
  external: ['cpu-features', '*.node'],
  banner: { js: '(function (require, __dirname) {' },
  footer: { js: '})' },
  plugins: [
    {
      // The argument parser would load node's child_process for programs named after subcommands, of which khactl has none.
      name: 'no programs for subcommands',
      setup: (bundle) => {
        bundle.onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
          importer.includes('/commander/') ? { path: 'none', namespace: 'none' } : null,
        )
        bundle.onLoad({ filter: /./, namespace: 'none' }, () => ({ contents: 'module.exports = {}' }))
      },
    },
  ],
})
const program = outputFiles[0]?.text ?? ''
const name = `program-${createHash('sha256').update(program).digest('hex').slice(0, 16)}.cjs`

const { outputFiles: loaders } = await build({
  ...options,
  entryPoints: ['src/cli/load.ts'],
  define: { 'import.meta.dirname': '__dirname', builtProgram: JSON.stringify(name) },
  banner: { js: '#!/usr/bin/env node' },
})

/** The `outline` has what every start runs, the `whole` all functions: reading that back costs a short start more than it saves. */
const compiled = (how: 'outline' | 'whole'): Buffer => {
  // Without V8's own cache, which would hand out the first script for the second too.
  const flags = ['compilation-cache', ...(how === 'whole' ? ['lazy'] : [])]
  for (const flag of flags) setFlagsFromString(`--no-${flag}`)
  const script = new Script(program, { filename: name })
  // What is made with other flags than it is used with is refused.
  for (const flag of flags) setFlagsFromString(`--${flag}`)
  return script.createCachedData()
}

rmSync(dist, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, name), program)
for (const how of ['outline', 'whole'] as const) writeFileSync(join(folder, `${name}.${how}`), compiled(how))
writeFileSync(join(folder, 'main.cjs'), loaders[0]?.text ?? '', { mode: 0o755 })
