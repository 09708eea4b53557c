// Secret references → secrets. Called only when the rest of the inventory is right: a program may ask the operator things.
import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { secret, type Secret } from '../model/command.js'
import { mistake, pathText, type Problem } from './problem.js'
import type { SecretRef } from './schema/secret-ref.js'
import { pathIn, type Surroundings } from './surroundings.js'
import type { YamlPath } from '../text/yaml.js'

export interface Reference {
  readonly path: YamlPath
  readonly ref: SecretRef
}

/** Milliseconds that a program may take; it may ask for a passphrase. */
const patience = 120_000

/** What a referenced file or variable lacks can be said before anything is run. */
export const referenceProblems = async (
  surroundings: Surroundings,
  { path, ref }: Reference,
): Promise<readonly Problem[]> => {
  const ways = (['env', 'file', 'command'] as const).filter((way) => ref[way] !== undefined)
  if (ways.length !== 1) {
    const message = `${pathText(path)}: a secret comes from exactly one place, not ${ways.length === 0 ? 'none' : ways.join(' and ')}`
    return [
      mistake('secret-reference', {
        path,
        message,
        hint: 'Write { env: NAME }, { file: PATH } or { command: [PROGRAM, ARG] }.',
      }),
    ]
  }
  if (ref.env !== undefined && !surroundings.env[ref.env]) {
    const message = `${pathText(path)}: the environment variable ${ref.env} is not set`
    return [
      mistake('secret-env', { path: [...path, 'env'], message, hint: `Set it for this call: ${ref.env}=… khactl …` }),
    ]
  }
  return ref.file === undefined ? [] : fileProblems({ path: [...path, 'file'], file: pathIn(surroundings, ref.file) })
}

const fileProblems = async ({ path, file }: { path: YamlPath; file: string }): Promise<readonly Problem[]> => {
  const found = await stat(file).catch((error: Error) => error)
  if (found instanceof Error) {
    return [
      mistake('secret-file', {
        path,
        message: `${pathText(path)}: ${file} cannot be read`,
        hint: 'Check the path; it is relative to the folder of the inventory.',
      }),
    ]
  }
  if ((found.mode & 0o077) === 0) return []
  const mode = `0${(found.mode & 0o777).toString(8)}`
  const message = `${pathText(path)}: other users can reach the secret in ${file} (mode ${mode})`
  return [
    mistake('secret-mode', {
      path,
      message,
      hint: `chmod 600 ${file} — and change the secret if others may have read it.`,
    }),
  ]
}

export const resolveSecret = async (
  surroundings: Surroundings,
  { path, ref }: Reference,
): Promise<Secret | Problem> => {
  if (ref.env !== undefined) return secret(surroundings.env[ref.env] ?? '')
  if (ref.file !== undefined) return fromFile({ path, file: pathIn(surroundings, ref.file) })
  return fromCommand(surroundings, { path, argv: ref.command ?? [] })
}

const fromFile = async ({ path, file }: { path: YamlPath; file: string }): Promise<Secret | Problem> => {
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text !== null && text.trim() !== '') return secret(text.replace(/\r?\n$/, ''))
  return mistake('secret-file', {
    path,
    message: `${pathText(path)}: ${file} is empty or cannot be read`,
    hint: 'Write the secret into it, with mode 0600.',
  })
}

/** What the program printed is not shown, also when it failed: its messages may hold the secret. */
const fromCommand = (
  { env, file }: Surroundings,
  { path, argv }: { path: YamlPath; argv: readonly string[] },
): Promise<Secret | Problem> => {
  const [program = '', ...rest] = argv
  const cwd = pathIn({ file, home: '' }, '.')
  return new Promise((settle) => {
    execFile(program, rest, { env: { ...env }, cwd, timeout: patience, maxBuffer: 1024 * 1024 }, (error, stdout) => {
      const value = stdout.replace(/\r?\n$/, '')
      if (error === null && value !== '') return settle(secret(value))
      const reason = error === null ? 'printed nothing' : failure(error)
      const hint = `Run it yourself to see why: ${argv.join(' ')}`
      settle(
        mistake('secret-command', {
          path: [...path, 'command'],
          message: `${pathText(path)}: ${program} ${reason}`,
          hint,
        }),
      )
    })
  })
}

const failure = (
  error: NodeJS.ErrnoException | (Error & { code?: number | string | null; killed?: boolean }),
): string => {
  if (error.code === 'ENOENT') return 'was not found'
  if ('killed' in error && error.killed) return `did not end within ${patience / 1000} s`
  return typeof error.code === 'number' ? `ended with status ${error.code}` : 'could not be run'
}
