// The program as people run it: src/cli/main.ts and what it needs in a few files, since hundreds of them take longer to find than to run.
import { rmSync } from 'node:fs'
import { build } from 'esbuild'

rmSync('dist', { recursive: true, force: true })
await build({
  entryPoints: ['src/cli/main.ts'],
  // The folder counts: main finds package.json and playbooks two folders up.
  outdir: 'dist/cli',
  bundle: true,
  // What a command imports when it starts is in files of its own.
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.20',
  // Names and lines stay, for the stacks of defects that people report.
  minify: false,
  // Native parts of ssh2, which goes on without them.
  external: ['cpu-features', '*.node'],
  // What CommonJS takes for granted.
  banner: {
    js: `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url), __dirname = import.meta.dirname;`,
  },
  logLevel: 'warning',
})
