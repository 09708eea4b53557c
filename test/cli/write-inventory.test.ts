// The inventory is replaced at once, with its mode, through links, and never over somebody else's change.
import { chmod, lstat, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { writeInventory } from '../../src/cli/write-inventory.js'

let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'khactl-write-'))
  file = join(folder, 'lab.yaml')
  await writeFile(file, 'old: é\n')
})
afterEach(async () => {
  await chmod(folder, 0o700)
  await rm(folder, { recursive: true })
})

it('writes the text and keeps the mode', async () => {
  await chmod(file, 0o640)
  const before = await stat(file)
  await writeInventory(file, { expected: 'old: é\n', text: 'new: é\n' })
  expect(await readFile(file, 'utf8')).toBe('new: é\n')
  const after = await stat(file)
  expect([after.mode, after.uid, after.gid]).toEqual([before.mode, before.uid, before.gid])
  expect(after.ino).not.toBe(before.ino)
  expect(await readdir(folder)).toEqual(['lab.yaml'])
})

it('follows a link to the file it names', async () => {
  const link = join(folder, 'link.yaml')
  await symlink('lab.yaml', link)
  await writeInventory(link, { expected: Buffer.from('old: é\n'), text: 'new\n' })
  expect((await lstat(link)).isSymbolicLink()).toBe(true)
  expect(await readFile(file, 'utf8')).toBe('new\n')
})

it('refuses a file that is not what was read, and leaves it alone', async () => {
  await expect(writeInventory(file, { expected: 'older\n', text: 'new\n' })).rejects.toMatchObject({
    code: 'inventory.changed',
    details: { exit: 'refused', message: `${file} was changed while khactl worked with it; it was not written over` },
  })
  expect(await readFile(file, 'utf8')).toBe('old: é\n')
  expect(await readdir(folder)).toEqual(['lab.yaml'])
})

it('says how a read-only file is made writable', async () => {
  await chmod(file, 0o444)
  await expect(writeInventory(file, { expected: 'old: é\n', text: 'new\n' })).rejects.toMatchObject({
    code: 'inventory.unwritable',
    details: { exit: 'usage', hint: `chmod u+w ${file}, or use --no-write and edit the inventory yourself.` },
  })
  expect(await readFile(file, 'utf8')).toBe('old: é\n')
})

it('says what is in the way', async () => {
  await rm(file)
  await expect(writeInventory(file, { expected: '', text: 'new\n' })).rejects.toMatchObject({
    code: 'inventory.unwritable',
    details: { message: `${file} cannot be written: there is no such file` },
  })
})

it.skipIf(process.getuid?.() === 0)('names a folder that may not be written', async () => {
  await chmod(folder, 0o500)
  await expect(writeInventory(file, { expected: 'old: é\n', text: 'new\n' })).rejects.toMatchObject({
    details: { message: `${file} cannot be written: permission denied` },
  })
})
