// What the yaml library's errors mean to somebody who writes YAML: cause and remedy.

export type YamlMistakeCode = 'syntax' | 'duplicate-key' | 'several-documents' | 'tag' | 'alias'

interface Explanation {
  readonly code: YamlMistakeCode
  readonly message: string
  readonly hint: string
}

/** `code` and `message` as the library has them. */
export const explain = ({ code, message }: { readonly code: string; readonly message: string }): Explanation => {
  if (message.includes('flow-seq-start at node end')) return { code: 'syntax', message: bracket[0], hint: bracket[1] }
  const key = code === 'BAD_INDENT' && message.startsWith('Flow') ? 'MISSING_CHAR' : code
  const [cause, hint] = explanations[key] ?? [message, 'Check indentation, quotes and brackets here.']
  return { code: codes[code] ?? 'syntax', message: cause, hint }
}

const bracket = [
  'A `[` inside braces begins a list',
  'Put the whole value in quotes, like `"worker-[01:20]"`.',
] as const

const codes: Readonly<Record<string, YamlMistakeCode>> = {
  DUPLICATE_KEY: 'duplicate-key',
  MULTIPLE_DOCS: 'several-documents',
}

const explanations: Readonly<Record<string, readonly [cause: string, hint: string]>> = {
  TAB_AS_INDENT: ['A tab is used for indentation', 'Use spaces: YAML does not allow tabs there.'],
  DUPLICATE_KEY: ['This key stands twice in the same mapping', 'Keep one of the two, or move the contents together.'],
  MULTIPLE_DOCS: ['A second YAML document begins here', 'One file holds one inventory: remove `---` and what follows.'],
  BAD_INDENT: ['The indentation does not fit the lines above', 'Keys of one mapping start at the same column.'],
  MISSING_CHAR: ['This is opened and not closed', 'Add the closing quote or bracket.'],
  BAD_SCALAR_START: ['A value cannot begin with this character', 'Put the value in quotes.'],
  BLOCK_AS_IMPLICIT_KEY: [
    'A mapping cannot begin here',
    'Is the next line indented too far? A value with `: ` in it needs quotes.',
  ],
  MULTILINE_IMPLICIT_KEY: ['This is not a `key: value` line', 'Is a colon missing, or an indent too much?'],
}
