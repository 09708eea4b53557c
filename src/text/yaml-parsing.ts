// YAML text → document, piece by piece: the inventory of a thousand hosts takes a tenth of a second.
import { Composer, Lexer, Parser, YAMLParseError } from 'yaml'
import type { CST, Document } from 'yaml'

/** What the library's parseDocument gives, with a break after each word. A text always is a document, be it an empty one. */
export function* parsing(text: string): Generator<undefined, Document.Parsed | { readonly tooDeep: true }> {
  try {
    const tokens: CST.Token[] = []
    const parser = new Parser()
    for (const word of new Lexer().lex(text)) {
      tokens.push(...parser.next(word))
      yield
    }
    tokens.push(...parser.end())
    const composer = new Composer({ prettyErrors: false, logLevel: 'error' })
    const [doc, second] = composer.compose(tokens, true, text.length)
    if (second)
      doc?.errors.push(new YAMLParseError([second.range[0], second.range[1]], 'MULTIPLE_DOCS', 'two documents'))
    return doc as Document.Parsed
  } catch (error) {
    if (error instanceof RangeError) return { tooDeep: true }
    throw error
  }
}
