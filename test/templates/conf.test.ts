// The template for configuration files: indentation, lists, and the values it refuses.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { conf, lines } from '../../src/text/conf.js'

describe('conf', () => {
  it('takes the common indentation off and ends in one newline', () => {
    expect(conf`
      a
        b ${1}

      c
    `).toBe('a\n  b 1\n\nc\n')
  })

  it('makes a line of every item, at the indentation of its place, and no line of none', () => {
    expect(conf`
      begin
        ${['x', 'y {', '  z', '}', '']}
      ${[]}
      end
    `).toBe('begin\n  x\n  y {\n    z\n  }\n\nend\n')
  })

  it('keeps backslashes as they are written', () => {
    expect(conf`printf "a\r\n"`).toBe('printf "a\\r\\n"\n')
  })

  it.each([undefined, null, Number.NaN, Infinity, {}, true, 'a\nb', 'a\rb', ['a\nb'], [undefined]])(
    'refuses %j and says where',
    (value) => {
      expect(
        () => conf`
        first
        timeout ${value as string}
      `,
      ).toThrow(/in the line "timeout …"/)
    },
  )

  it('refuses what is wrong in a list that stands alone', () => {
    expect(
      () => conf`
      ${['good', undefined as unknown as string]}
    `,
    ).toThrow('undefined')
  })

  it('puts any text without line breaks in unchanged', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !/[\n\r\0]/.test(text)),
        (text) => {
          expect(conf`a${text}b`).toBe(`a${text}b\n`)
        },
      ),
    )
  })

  it('nests through lines', () => {
    expect(conf`
      a {
        ${lines(conf`
          b
            c
        `)}
      }
    `).toBe('a {\n  b\n    c\n}\n')
    expect(lines('')).toEqual([])
    expect(lines('a\n\n')).toEqual(['a'])
  })
})
