// Key files: what can be used, and what is said of those that cannot.
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createKeyRing } from '../../src/transport/auth.js'
import { readKeyFile } from '../../src/transport/keys.js'
import { loadSsh2 } from '../../src/transport/ssh2.js'
import { has, place, removeScratch, scratch } from './local-shell.js'
import { makeKey } from './sshd.js'

afterAll(removeScratch)

/** The head of one, as PROTOCOL.key has it: ssh-keygen makes none without the device. */
const string = (text: string): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(text.length)
  return Buffer.concat([length, Buffer.from(text)])
}
const fidoBlob = Buffer.concat([string('sk-ssh-ed25519@openssh.com'), string('x'.repeat(32)), string('ssh:')])
const fidoHead = [
  string('none'),
  string('none'),
  string(''),
  Buffer.from([0, 0, 0, 1]),
  string(fidoBlob.toString('latin1')),
]
const fidoKey = `-----BEGIN OPENSSH PRIVATE KEY-----
${Buffer.concat([Buffer.from('openssh-key-v1\0'), ...fidoHead]).toString('base64')}
-----END OPENSSH PRIVATE KEY-----
`

describe.skipIf(!has('ssh-keygen'))(`a key file${has('ssh-keygen') ? '' : ' (no ssh-keygen here: skipped)'}`, () => {
  const folder = scratch()
  const file = (name: string): string => join(folder, name)

  it.each(['ed25519', 'ecdsa', 'rsa'])('of type %s is used', async (type) => {
    const path = makeKey(file(type), type)
    const print = execFileSync('ssh-keygen', ['-lf', path]).toString().split(' ')[1]
    expect(await readKeyFile(await loadSsh2(), path)).toMatchObject({ kind: 'private', print })
  })

  it('that is of no use says why', async () => {
    const ssh2 = await loadSsh2()
    const pkcs8 = file('pkcs8')
    writeFileSync(pkcs8, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }))
    expect(await readKeyFile(ssh2, pkcs8)).toMatchObject({
      kind: 'unusable',
      why: expect.stringContaining(`ssh-keygen -p -f ${pkcs8}`),
    })
    const chacha = makeKey(file('chacha'), 'ed25519', ['-N', 'secret', '-Z', 'chacha20-poly1305@openssh.com'])
    expect(await readKeyFile(ssh2, chacha)).toMatchObject({
      kind: 'public',
      why: expect.stringMatching(/`ssh-add .*chacha`.*ssh-keygen -p -Z aes256-ctr -f .*chacha`.*client: system/),
    })
    writeFileSync(file('fido'), fidoKey)
    expect(await readKeyFile(ssh2, file('fido'))).toMatchObject({
      kind: 'unusable',
      why: expect.stringMatching(/FIDO key \(sk-ssh-ed25519@openssh\.com\).*client: system/),
    })
    writeFileSync(file('empty'), '')
    expect(await readKeyFile(ssh2, file('empty'))).toMatchObject({
      kind: 'unusable',
      why: expect.stringContaining('cannot be used'),
    })
    expect(await readKeyFile(ssh2, file('missing'))).toMatchObject({
      kind: 'unusable',
      why: expect.stringContaining('ENOENT'),
    })
  })

  it.each(['aes256-ctr', 'aes256-gcm@openssh.com'])('encrypted with %s shows its public half', async (cipher) => {
    const locked = makeKey(file(`locked-${cipher}`), 'ed25519', ['-N', 'secret', '-Z', cipher])
    const print = execFileSync('ssh-keygen', ['-lf', locked]).toString().split(' ')[1]
    rmSync(`${locked}.pub`)
    expect(await readKeyFile(await loadSsh2(), locked)).toMatchObject({ kind: 'locked', half: { print } })
  })

  it('that is missing beside one that is not is named only when the login fails', async () => {
    const keyRing = createKeyRing({ ssh2: await loadSsh2(), agentSocket: undefined })
    const good = makeKey(file('good'))
    const { offers, problems } = await keyRing({ ...place, ssh: { ...place.ssh, keys: [file('missing'), good] } })
    expect(offers.map((offer) => offer.label)).toEqual([expect.stringContaining(good)])
    expect(problems).toEqual([expect.stringContaining('missing cannot be read')])
  })

  it('of which there is none, nor an agent, is an error before anything is sent', async () => {
    const keyRing = createKeyRing({ ssh2: await loadSsh2(), agentSocket: '/nonexistent/agent' })
    await expect(keyRing({ ...place, ssh: { ...place.ssh, agent: 'use' } })).rejects.toMatchObject({
      code: 'ssh.auth',
      message: expect.stringContaining('the agent at /nonexistent/agent does not answer'),
    })
  })
})
