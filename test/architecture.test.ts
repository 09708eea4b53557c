// Enforces docs/architecture.md: imports go one way, each library is named in one place, and only cli/ touches the process.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

interface Rule {
  readonly folders: readonly string[]
  readonly packages: readonly string[]
}

const rules: Readonly<Record<string, Rule>> = {
  model: { folders: [], packages: [] },
  text: { folders: ['model'], packages: ['yaml', 'diff'] },
  facts: { folders: ['model', 'text'], packages: [] },
  templates: { folders: ['model', 'text'], packages: [] },
  steps: { folders: ['model', 'text', 'facts'], packages: [] },
  endpoint: { folders: ['model', 'facts', 'steps', 'templates'], packages: [] },
  tasks: { folders: ['model', 'facts', 'steps', 'templates', 'endpoint'], packages: [] },
  inventory: { folders: ['model', 'text'], packages: ['zod'] },
  playbook: { folders: ['model', 'text'], packages: ['zod'] },
  engine: { folders: ['model'], packages: ['p-limit'] },
  transport: { folders: ['model', 'text'], packages: ['ssh2'] },
  report: { folders: ['model', 'text'], packages: ['listr2', 'pino'] },
  cli: {
    folders: ['model', 'text', 'facts', 'tasks', 'endpoint', 'inventory', 'playbook', 'engine', 'transport', 'report'],
    packages: ['commander'],
  },
}

const source = resolve(import.meta.dirname, '../src')
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))

const importsOf = (file: string): readonly string[] => {
  const text = readFileSync(join(source, file), 'utf8')
  return [
    ...text.matchAll(
      /^\s*(?:import|export)\s[^'"`;]*?from\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|^import\s+'([^']+)'/gm,
    ),
  ].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
}

const folderOf = (file: string): string => file.split('/')[0] ?? ''

test('every folder of src has a rule', () => {
  expect(files.length).toBeGreaterThan(40)
  expect([...new Set(files.map(folderOf))].filter((folder) => !(folder in rules))).toEqual([])
})

describe('imports', () => {
  const graph = new Map(
    files.map((file) => [
      file,
      importsOf(file)
        .filter((name) => name.startsWith('.'))
        .map((name) => relative(source, resolve(source, dirname(file), name)).replace(/\.js$/, '.ts')),
    ]),
  )

  test('go one way between folders', () => {
    const wrong = [...graph].flatMap(([file, targets]) => {
      const folder = folderOf(file)
      return targets
        .filter((target) => folderOf(target) !== folder && !rules[folder]?.folders.includes(folderOf(target)))
        .map((target) => `${file} imports ${target}`)
    })
    expect(wrong).toEqual([])
  })

  test('name each library in one place', () => {
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter((name) => !name.startsWith('.') && !name.startsWith('node:'))
        .filter((name) => !rules[folderOf(file)]?.packages.includes(name.split('/')[0] ?? ''))
        .map((name) => `${file} imports ${name}`),
    )
    expect(wrong).toEqual([])
  })

  test('have no cycles', () => {
    const done = new Set<string>()
    const cycles: string[] = []
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '))
      if (done.has(file) || path.includes(file)) return
      for (const target of graph.get(file) ?? []) visit(target, [...path, file])
      done.add(file)
    }
    for (const file of files) visit(file, [])
    expect(cycles).toEqual([])
  })

  test('resolve to files, and there are no barrels', () => {
    const missing = [...graph].flatMap(([file, targets]) =>
      targets.filter((target) => !graph.has(target)).map((target) => `${file} → ${target}`),
    )
    expect(missing).toEqual([])
    expect(files.filter((file) => file.endsWith('/index.ts'))).toEqual([])
  })
})

describe('files', () => {
  const lines = (file: string): readonly string[] => readFileSync(join(source, file), 'utf8').split('\n')

  test('open with one line of purpose', () => {
    expect(files.filter((file) => !/^(#!|\/\/ \S)/.test(lines(file)[0] ?? ''))).toEqual([])
  })

  test('stay small', () => {
    expect(files.filter((file) => lines(file).length > 250)).toEqual([])
  })

  test('leave the process to cli/, and the cast to read-only to facts/mint.ts', () => {
    const code = (file: string): string => readFileSync(join(source, file), 'utf8')
    expect(files.filter((file) => folderOf(file) !== 'cli' && /\bprocess\.\w/.test(code(file)))).toEqual([])
    expect(files.filter((file) => file !== 'facts/mint.ts' && /\bas ReadOnly\b/.test(code(file)))).toEqual([])
  })

  test('leave commands to facts and steps, and the terminal to cli/', () => {
    const code = (file: string): string => readFileSync(join(source, file), 'utf8')
    const noCommands = files.filter((file) => ['tasks', 'endpoint', 'playbook', 'engine'].includes(folderOf(file)))
    expect(noCommands.filter((file) => /\bparts:|\bsh`|text\/sh\.js/.test(code(file)))).toEqual([])
    expect(files.filter((file) => /\bconsole\./.test(code(file)))).toEqual([])
    const pure = ['model', 'templates', 'engine', 'tasks', 'endpoint', 'playbook', 'text']
    const builtins = files
      .filter((file) => pure.includes(folderOf(file)))
      .flatMap((file) =>
        importsOf(file)
          .filter((name) => name.startsWith('node:'))
          .map((name) => `${file} imports ${name}`),
      )
    expect(builtins).toEqual([])
  })

  test('that documents name are there', () => {
    const root = resolve(source, '..')
    const pages = [
      'README.md',
      'AGENTS.md',
      ...readdirSync(join(root, 'docs'))
        .filter((name) => name.endsWith('.md'))
        .map((name) => `docs/${name}`),
    ]
    const missing = pages.flatMap((page) =>
      [
        ...readFileSync(join(root, page), 'utf8').matchAll(
          /\b(?:src|test|playbooks|docs|bench)\/[\w/.-]+\.(?:ts|yaml|md)\b/g,
        ),
      ]
        .map(([name]) => name)
        .filter((name) => !existsSync(join(root, name)))
        .map((name) => `${page} names ${name}`),
    )
    expect(missing).toEqual([])
  })

  test('keep the words of the house', () => {
    const banned = /\b(notif(y|ier)|handlers?|operations?|phases?)\b/i
    const named = files.filter((file) => banned.test(file))
    expect(named).toEqual([])
  })
})
