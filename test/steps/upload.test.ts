// Uploads in pieces: what arrived is not sent again, a piece may come twice, and a full disk leaves nothing half.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { wire } from '../../src/model/command.js'
import { KhactlError } from '../../src/model/error.js'
import type { Writer } from '../../src/model/step.js'
import { put } from '../../src/steps/put.js'
import { upload } from '../../src/steps/upload.js'
import { createHost, writersOf } from '../support/local-host.js'

const folders: string[] = []
afterAll(() => {
  for (const one of folders) rmSync(one, { recursive: true })
})
const mebi = 1024 * 1024

const files = (bytes: number) => {
  const folder = mkdtempSync(join(tmpdir(), 'khactl-upload-'))
  folders.push(folder)
  const [from, to] = [join(folder, 'here.deb'), join(folder, 'there', 'here.deb')]
  const content = randomBytes(bytes)
  writeFileSync(from, content)
  return { folder: join(folder, 'there'), from, to, content }
}

/** Counts the pieces that went to the host; may lose the answer of one, or its bytes. */
const watched = (more: { lose?: number; spoil?: number } = {}) => {
  const host = writersOf(createHost()).self
  const sent: number[] = []
  const writer: Writer = {
    ...host,
    run: async (command, options = {}) => {
      const isPiece = wire(command).includes('conv=notrunc')
      if (isPiece) sent.push(Number(/seek=(\d+)/.exec(wire(command))?.[1]))
      const stdin = isPiece && sent.at(-1) === more.spoil ? Buffer.alloc(10) : options.stdin
      const answer = await host.run(command, { ...options, ...(stdin ? { stdin } : {}) })
      if (isPiece && sent.at(-1) === more.lose)
        throw new KhactlError('ssh.gone', { message: 'gone', exit: 'unreachable' })
      return answer
    },
  }
  return { host: writer, sent }
}

test('a file goes in pieces, root-only, and is whole', async () => {
  const { folder, from, to, content } = files(9 * mebi + 5)
  await writersOf(createHost()).self.run({ parts: [`mkdir ${folder}`] })
  const { host, sent } = watched()
  await upload({ operator: writersOf(createHost()).self, host, from, to })
  expect(readFileSync(to).equals(content)).toBe(true)
  expect([sent, statSync(to).mode & 0o777, readdirSync(folder)]).toEqual([[0, 1, 2], 0o600, ['here.deb']])
  // What is there already is not sent again.
  await upload({ operator: writersOf(createHost()).self, host, from, to })
  expect(sent).toEqual([0, 1, 2])
})

test('a run that died is gone on with: only what had not come is sent', async () => {
  const { folder, from, to, content } = files(13 * mebi)
  const operator = writersOf(createHost()).self
  await operator.run({ parts: [`mkdir ${folder}`] })
  await expect(upload({ operator, host: watched({ lose: 1 }).host, from, to })).rejects.toMatchObject({
    code: 'ssh.gone',
  })
  expect(existsSync(to)).toBe(false)
  const { host, sent } = watched()
  await upload({ operator, host, from, to })
  expect([sent, readFileSync(to).equals(content), readdirSync(folder)]).toEqual([[2, 3], true, ['here.deb']])
})

test('a file that is not what was sent gets no name, and is sent anew by the next run', async () => {
  const { folder, from, to, content } = files(5 * mebi)
  const operator = writersOf(createHost()).self
  await operator.run({ parts: [`mkdir ${folder}`] })
  await expect(upload({ operator, host: watched({ spoil: 0 }).host, from, to })).rejects.toThrow('did not arrive whole')
  expect(readdirSync(folder)).toEqual([])
  await upload({ operator, host: watched().host, from, to })
  expect(readFileSync(to).equals(content)).toBe(true)
})

test('a full disk is said, and leaves nothing half', async () => {
  const { from } = files(1000)
  const operator = writersOf(createHost()).self
  const host: Writer = {
    ...operator,
    run: (command, options) =>
      // The kernel's own full device in the place of the file.
      operator
        .run({ parts: [wire(command).replaceAll('of="$t"', 'of=/dev/full')] }, options)
        .catch((error: unknown) => {
          const { message } = error as Error
          throw new KhactlError('step.command', { message, exit: 'failed', tail: message.split('\n') })
        }),
  }
  const to = join(folders.at(-1) ?? '', 'full.deb')
  await expect(upload({ operator, host, from, to })).rejects.toMatchObject({
    code: 'upload.full',
    message: expect.stringContaining('there is no room for full.deb (0.0 MiB)'),
  })
  expect(readdirSync(folders.at(-1) ?? '')).toEqual(['here.deb'])
})

test('a file that is put whole is refused when its bytes are not those that were sent', async () => {
  const { from, content } = files(10)
  const { self } = writersOf(createHost())
  const spoiled: Writer = {
    ...self,
    run: (command, options) => self.run(command, { ...options, stdin: Buffer.from('0123456789') }),
  }
  await expect(put(spoiled, { path: from, bytes: Buffer.from('abcdefghij'), mode: null, owner: null })).rejects.toThrow(
    'did not arrive whole',
  )
  expect(readFileSync(from).equals(content)).toBe(true)
})
