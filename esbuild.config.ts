// The program as people run it: src/cli/start.ts and what it needs in a few files, since hundreds of them take longer to find than to run.
import { rmSync } from 'node:fs'
import { build } from 'esbuild'

rmSync('dist', { recursive: true, force: true })
await build({
  entryPoints: { main: 'src/cli/start.ts' },
  // The folder counts: main finds package.json and playbooks two folders up.
  outdir: 'dist/cli',
  bundle: true,
  // What a command imports when it starts is in files of its own.
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.20',
  // What is not read need not be parsed. Names stay, for the stacks of defects that people report.
  minifySyntax: true,
  minifyWhitespace: true,
  // Native parts of ssh2, which goes on without them.
  external: ['cpu-features', '*.node'],
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
  // What CommonJS takes for granted.
  banner: {
    js: `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url), __dirname = import.meta.dirname;`,
  },
  logLevel: 'warning',
})
