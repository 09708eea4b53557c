// The pages about events, exit codes and the plan say what the types say.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { exitCodes, type ExitClass } from '../../src/model/error.js'
import { summarise } from '../../src/report/plan-summary.js'
import { worst } from '../../src/report/exit.js'

const root = resolve(import.meta.dirname, '../..')
const page = (name: string): string => readFileSync(resolve(root, 'docs', name), 'utf8')
const source = (name: string): ts.SourceFile =>
  ts.createSourceFile(name, readFileSync(resolve(root, 'src/model', name), 'utf8'), ts.ScriptTarget.ES2023, true)

const declared = (file: ts.SourceFile, name: string): ts.TypeNode | ts.InterfaceDeclaration => {
  for (const statement of file.statements) {
    if (ts.isTypeAliasDeclaration(statement) && statement.name.text === name) return statement.type
    if (ts.isInterfaceDeclaration(statement) && statement.name.text === name) return statement
  }
  throw new Error(`no type ${name}`)
}

/** Fields of an object type, `?` behind those that may be missing; references are followed within the file. */
const fields = (node: ts.Node, file: ts.SourceFile): readonly string[] => {
  if (ts.isParenthesizedTypeNode(node)) return fields(node.type, file)
  if (ts.isIntersectionTypeNode(node)) return node.types.flatMap((part) => fields(part, file))
  if (ts.isTypeReferenceNode(node)) return fields(declared(file, node.typeName.getText()), file)
  if (ts.isTypeLiteralNode(node) || ts.isInterfaceDeclaration(node))
    return node.members.flatMap((member) =>
      ts.isPropertySignature(member) ? [`${member.name.getText()}${member.questionToken ? '?' : ''}`] : [],
    )
  throw new Error(`cannot read ${node.getText()}`)
}

const literal = (node: ts.Node, name: string): string =>
  new RegExp(`readonly ${name}: '([\\w-]+)'`).exec(node.getText())?.[1] ?? ''

const members = (name: string, file: ts.SourceFile): readonly ts.TypeNode[] => {
  const type = declared(file, name)
  if (!ts.isUnionTypeNode(type)) throw new Error(`${name} is no union`)
  return [...type.types]
}

/** Rows of a table whose first cell is `code`: the code of the second cell. */
const rows = (text: string): ReadonlyMap<string, readonly string[]> =>
  new Map(
    [...text.matchAll(/^\| `([\w[\]-]+)` \| (.*?) \|/gm)].map(([, name = '', cell = '']) => [
      name,
      [...cell.matchAll(/`([\w?]+)`/g)].map((match) => match[1] ?? ''),
    ]),
  )

const sorted = (names: Iterable<string>): readonly string[] => [...new Set(names)].toSorted()

describe('docs/events.md', () => {
  const file = source('event.ts')
  const [eventsPart = '', partsPart = ''] = page('events.md').split('## Parts')
  const told = rows(eventsPart)
  const parts = rows(partsPart)
  const events = new Map(
    members('Event', file).map((member) => [
      literal(member, 'type'),
      fields(member, file).filter((name) => name !== 'type'),
    ]),
  )

  test('has every event, no other, with its fields', () => {
    expect(events.size).toBeGreaterThan(15)
    for (const [type, names] of events) expect([type, sorted(told.get(type) ?? [])]).toEqual([type, sorted(names)])
    expect(sorted(told.keys())).toEqual(sorted(events.keys()))
  })

  test.each([
    ['changes[]', 'Change', 'step.ts'],
    ['problems[]', 'Problem', 'step.ts'],
  ])('has the fields of %s', (part, type, name) => {
    const own = source(name)
    expect(sorted(parts.get(part) ?? [])).toEqual(sorted(fields(declared(own, type), own)))
  })

  test('has the fields of failures, and every kind of verdict and state', () => {
    const text = partsPart
    const line = text.split('\n').find((one) => one.startsWith('| `failure` | `code`')) ?? ''
    for (const name of fields(declared(file, 'Failure'), file)) expect(line).toContain(`\`${name}\``)
    for (const [part, union, from] of [
      ['verdict', 'Verdict', file],
      ['state', 'HostState', source('host.ts')],
    ] as const) {
      const row = text.split('\n').find((one) => one.startsWith(`| \`${part}\` | `)) ?? ''
      for (const member of members(union, from)) {
        expect(row).toContain(`\`${literal(member, 'kind')}\``)
        for (const name of fields(member, from)) expect(row).toContain(`\`${name}\``)
      }
    }
  })
})

test('docs/exit-codes.md is the table, from the worst to none', () => {
  const told = [...page('exit-codes.md').matchAll(/^\| (\d+) \| (\w+) \| \S/gm)].map(
    ([, code, name]) => [Number(code), name] as const,
  )
  expect(new Map(told.map(([code, name]) => [name, code]))).toEqual(new Map(Object.entries(exitCodes)))
  const order = told.map(([, name]) => name as ExitClass)
  for (const [index, name] of order.entries()) expect(worst(order.slice(index))).toBe(name)
})

test('docs/plan.md has every field of the summary', () => {
  const row =
    page('plan.md')
      .split('\n')
      .find((line) => line.startsWith('| `summary`')) ?? ''
  expect(sorted([...row.matchAll(/`(\w+)`/g)].map((match) => match[1] ?? ''))).toEqual(
    sorted(['summary', ...Object.keys(summarise({ entries: [] }))]),
  )
})
