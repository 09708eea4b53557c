// Edits the names in the text of a ClusterConfiguration, and leaves every other line of it as it is. Pure.
import { isDeepStrictEqual } from 'node:util'
import { kubernetesYaml, yamlDocuments } from '../../text/yaml.js'

type Json = Readonly<Record<string, unknown>>

const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}

/** `apiServer.certSANs`, which v1beta2, v1beta3 and v1beta4 have alike. */
export const certificateNamesIn = (text: string): readonly string[] => {
  const { certSANs } = object(object(yamlDocuments(text)[0])['apiServer'])
  return Array.isArray(certSANs) ? certSANs.map(String) : []
}

/** Lines that are not about the names stay; a text that no line edit fits (flow style, comments between) is written anew. */
export const withCertificateNames = (text: string, names: readonly string[]): string => {
  const before = object(yamlDocuments(text)[0])
  const wanted = { ...before, apiServer: { ...object(before['apiServer']), certSANs: names } }
  if (/^\s*[{[]/.test(text)) return kubernetesYaml(wanted)
  const edited = editLines(text.split('\n'), names).join('\n')
  return isDeepStrictEqual(parsed(edited), wanted) ? edited : kubernetesYaml(wanted)
}

const parsed = (text: string): unknown => {
  try {
    return yamlDocuments(text)[0]
  } catch {
    return undefined
  }
}

const editLines = (lines: readonly string[], names: readonly string[]): readonly string[] => {
  const at = lines.findIndex((line) => /^apiServer:\s*(?:\{\}|null)?\s*$/.test(line))
  const items = (indent: string): readonly string[] => [
    `${indent}certSANs:`,
    ...kubernetesYaml(names)
      .trimEnd()
      .split('\n')
      .map((line) => `${indent}${line}`),
  ]
  // As kubeadm writes it: keys in alphabetical order, so apiServer is the first.
  if (at === -1) return ['apiServer:', ...items('  '), ...lines]
  const end = endOf(lines, at)
  const body = lines.slice(at + 1, end)
  const indent = /^ +/.exec(body[0] ?? '')?.[0] ?? '  '
  const from = body.findIndex((line) => line.startsWith(`${indent}certSANs:`))
  const rest = from === -1 ? body : [...body.slice(0, from), ...body.slice(endOfList(body, { from, indent }))]
  const place = Math.max(from, 0)
  return [
    ...lines.slice(0, at),
    'apiServer:',
    ...rest.slice(0, place),
    ...items(indent),
    ...rest.slice(place),
    ...lines.slice(end),
  ]
}

/** The first line behind the value of the top-level key at this line. */
const endOf = (lines: readonly string[], at: number): number => {
  const next = lines.findIndex((line, index) => index > at && !line.startsWith(' '))
  return next === -1 ? lines.length : next
}

/** Items stand as deep as their key, as Go writes them, or deeper. */
const endOfList = (body: readonly string[], { from, indent }: { readonly from: number; readonly indent: string }) => {
  const next = body.findIndex(
    (line, index) => index > from && !line.startsWith(`${indent}- `) && !line.startsWith(`${indent} `),
  )
  return next === -1 ? body.length : next
}
