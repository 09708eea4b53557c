// Frames and marks: whatever a script writes and however the network cuts it, the answer is what was written.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAnswerParser, encodeFrame, headerBytes, marks } from '../../src/transport/frame.js'
import { createLineSplitter } from '../../src/transport/lines.js'

const nonce = '0123456789abcdef'
const { start, end } = marks(nonce)

/** Bytes that look like marks more often than chance would have it. */
const output = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom(
          '\n',
          '\n\n',
          '\n@',
          '\n@khactl:',
          start.slice(0, -1),
          end.slice(0, -1),
          end.slice(0, -3),
          '\0',
          '\r',
        )
        .map((text) => Buffer.from(text)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => Buffer.concat(parts))
  .filter((bytes) => !bytes.includes(end))

const cut = (bytes: Buffer, sizes: readonly number[]): Buffer[] => {
  const chunks: Buffer[] = []
  let at = 0
  for (let index = 0; at < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  return chunks
}
const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 10 })

describe('an answer', () => {
  it('is found byte for byte, however it is cut', () => {
    fc.assert(
      fc.property(output, output, fc.integer({ min: 0, max: 255 }), sizes, (noise, body, status, sizes) => {
        fc.pre(
          !Buffer.concat([noise, Buffer.from(start)])
            .subarray(0, -1)
            .includes(start),
        )
        const stream = Buffer.concat([
          noise,
          Buffer.from(start),
          body,
          Buffer.from(`${end}${String(status).padStart(3, '0')}\nlater`),
        ])
        const parser = createAnswerParser(nonce)
        for (const chunk of cut(stream, sizes)) parser.push(chunk)
        expect(parser.status()).toBe(status)
        expect(parser.bytes().equals(body)).toBe(true)
      }),
    )
  })

  it('is not complete before the last byte of its mark', () => {
    const parser = createAnswerParser(nonce)
    parser.push(Buffer.from(`${start}text${end}00`))
    expect(parser.status()).toBeNull()
    parser.push(Buffer.from('7'))
    expect(parser.status()).toBeNull()
    parser.push(Buffer.from('\n'))
    expect([parser.status(), parser.bytes().toString()]).toEqual([7, 'text'])
  })

  it('is not that of another request', () => {
    const parser = createAnswerParser(nonce)
    const other = marks('fedcba9876543210')
    parser.push(Buffer.from(`${other.start}no${other.end}000\n${start}yes${other.end}000\n${end}001\n`))
    expect([parser.status(), parser.bytes().toString()]).toEqual([1, `yes${other.end}000\n`])
  })
})

describe('a frame', () => {
  it('has a header of fixed length that says how long the rest is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.uint8Array(),
        fc.integer({ min: 1, max: 86_400 }),
        (script, stdin, seconds) => {
          const frame = encodeFrame({ verb: 'run', nonce, script, stdin, seconds })
          const header = frame.toString('latin1', 0, headerBytes)
          expect(header).toMatch(/^run [0-9a-f]{16} \d+ \d+ \d+ +\n$/)
          const [, , scriptLength, stdinLength] = header.split(' ').map(Number)
          expect(frame.length).toBe(headerBytes + Number(scriptLength) + Number(stdinLength))
          expect(frame.toString('utf8', headerBytes, headerBytes + Number(scriptLength))).toBe(
            Buffer.from(`${script}\n#`).toString(),
          )
        },
      ),
    )
  })
})

describe('lines', () => {
  const linesOf = (body: Buffer, sizes: readonly number[]): string[] => {
    const lines: string[] = []
    const push = createLineSplitter(nonce, (line) => lines.push(line))
    for (const chunk of cut(
      Buffer.concat([Buffer.from(`noise\n${start}`), body, Buffer.from(`${end}000\nlater\n`)]),
      sizes,
    ))
      push(chunk)
    return lines
  }

  it('are the same however the bytes are cut, and hold no control characters', () => {
    fc.assert(
      fc.property(output, sizes, (body, sizes) => {
        const lines = linesOf(body, sizes)
        expect(lines).toEqual(linesOf(body, [10_000]))
        expect(lines.join('')).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F]/)
      }),
    )
  })

  it('come as soon as they are complete', () => {
    const lines: string[] = []
    const push = createLineSplitter(nonce, (line) => lines.push(line))
    push(Buffer.from(`${start}one\ntw`))
    expect(lines).toEqual(['one'])
    push(Buffer.from('o\n'))
    expect(lines).toEqual(['one', 'two'])
  })

  it('show what is left of progress bars and colours', () => {
    expect(
      linesOf(Buffer.from('10%\r50%\r100%\n\u001B[1;31mred\u001B[0m\ttab\u0007\n\u001B]0;title\u0007x'), [3]),
    ).toEqual(['100%', 'red\ttab', 'x'])
  })
})
