// The answer to sudo's prompt, on a wire that is cut anywhere.
import { describe, expect, it, vi } from 'vitest'
import { secret } from '../../src/model/command.js'
import { answerPrompt } from '../../src/transport/prompt.js'
import type { Wire } from '../../src/transport/wire.js'

const prompt = '@khactl:%0123456789abcdef:'

const farEnd = (patience?: number) => {
  const sent: string[] = []
  let ears: Parameters<Wire['listen']>[0] | null = null
  const wire: Wire = {
    write: (bytes) => void sent.push(Buffer.from(bytes).toString()),
    end: () => void sent.push('end'),
    listen: (given) => {
      ears = given
    },
  }
  const answer = answerPrompt({ prompt, password: secret('pw'), ...(patience === undefined ? {} : { patience }) })
  const heard: string[] = []
  const note = (chunk: Buffer): void => void heard.push(chunk.toString())
  answer.over(wire).listen({ stdout: note, stderr: note, closed: () => undefined })
  const say = (text: string, stream: 'stdout' | 'stderr' = 'stderr'): void => ears?.[stream](Buffer.from(text))
  return { answer, sent, heard, say }
}

describe('the password', () => {
  it('is sent when the prompt is whole, wherever it is cut, and what was heard is passed on', () => {
    for (let cut = 1; cut < prompt.length; cut += 1) {
      const { answer, sent, heard, say } = farEnd()
      say(`lecture\n${prompt.slice(0, cut)}`)
      expect([answer.outcome(), sent]).toEqual(['unasked', []])
      say(prompt.slice(cut))
      expect([answer.outcome(), sent]).toEqual(['answered', ['pw\n']])
      expect(heard.join('')).toBe(`lecture\n${prompt}`)
      answer.stop()
    }
  })

  it('is sent once: a second prompt ends the input', () => {
    for (const pieces of [[prompt, `\nSorry, try again.\n${prompt}`], [`${prompt}${prompt}`]]) {
      const { answer, sent, say } = farEnd()
      for (const piece of pieces) say(piece)
      expect([answer.outcome(), sent]).toEqual(['refused', ['pw\n', 'end']])
      say(prompt)
      expect(sent).toHaveLength(2)
    }
  })

  it('is not sent for half a prompt on each stream, for an echo of the command, or once the shell is there', () => {
    const { answer, sent, say } = farEnd()
    say(prompt.slice(0, 9), 'stdout')
    say(prompt.slice(9), 'stderr')
    say(`sudo -S -k -p ${prompt.replace('%', '%%')} --\n`)
    answer.stop()
    say(prompt)
    expect([answer.outcome(), sent]).toEqual(['unasked', []])
  })

  it('is not sent to another question, which is given up after a while', async () => {
    const { answer, sent, say } = farEnd(30)
    say('Verification code: ')
    await vi.waitFor(() => expect(answer.outcome()).toBe('foreign'))
    say(prompt)
    expect(sent).toEqual(['end'])
  })

  it('waits for as long as sudo takes when no question is open', async () => {
    const { answer, sent, say } = farEnd(20)
    say('a question? ')
    say('no, a line\n')
    await new Promise((resolve) => setTimeout(resolve, 80))
    expect(answer.outcome()).toBe('unasked')
    say(prompt)
    expect(sent).toEqual(['pw\n'])
    answer.stop()
  })
})
