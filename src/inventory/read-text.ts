// Reads the inventory's bytes as UTF-8 text, or says why that is not possible.
import { isUtf8 } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import type { Diagnostic } from '../model/diagnostic.js'

const most = 4 * 1024 * 1024

export const readText = async (
  file: string,
): Promise<{ readonly text: string } | { readonly diagnostic: Diagnostic }> => {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => error)
  if (bytes instanceof Error) return fault(file, { code: 'unreadable', ...unreadable(file, bytes) })
  if (bytes.length > most) {
    return fault(file, {
      code: 'too-large',
      message: `The file has ${bytes.length} bytes`,
      hint: 'An inventory is a short YAML file; is this the right one?',
    })
  }
  if (isUtf8(bytes)) return givenText(bytes.toString('utf8'))
  const line = firstBadLine(bytes)
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  const hint = utf16
    ? 'It looks like UTF-16; save it as UTF-8.'
    : `Save it as UTF-8, or: iconv -f latin1 -t utf-8 ${file}`
  return fault(file, { code: 'encoding', line, message: 'The file is not UTF-8 text', hint })
}

/** A byte order mark is no part of the text. */
export const givenText = (text: string): { readonly text: string } => ({ text: text.replace(/^\uFEFF/, '') })

const unreadable = (file: string, error: NodeJS.ErrnoException) => {
  if (error.code === 'ENOENT')
    return { message: `There is no file ${file}`, hint: 'Write a first one with `khactl init`.' }
  if (error.code === 'EISDIR') return { message: `${file} is a folder`, hint: 'Name the inventory file in it.' }
  return {
    message: `${file} cannot be read: ${error.message}`,
    hint: 'Check owner and mode of the file and its folders.',
  }
}

const firstBadLine = (bytes: Buffer): number => {
  let [line, from] = [1, 0]
  for (let to = bytes.indexOf(10); to !== -1 && isUtf8(bytes.subarray(from, to)); to = bytes.indexOf(10, from)) {
    line += 1
    from = to + 1
  }
  return line
}

const fault = (file: string, details: { code: string; line?: number; message: string; hint: string }) => {
  const { code, line = 1, message, hint } = details
  return {
    diagnostic: {
      severity: 'error' as const,
      code: `inventory.${code}`,
      file,
      line,
      column: 1,
      message,
      frame: '',
      hint,
    },
  }
}
