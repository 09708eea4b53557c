// The commands that make, show and prove a certificate, run for real: a kubeadm of this test, openssl, and a TLS server.
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { wire, type Command } from '../../src/model/command.js'
import { askApi } from '../../src/facts/kubernetes/api.js'
import { provenName } from '../../src/facts/kubernetes/handshake.js'
import { readCertificate, servedEnd } from '../../src/facts/kubernetes/serving-names.js'
import { issue, prove, shows } from '../../src/steps/kubernetes/serving-commands.js'
import { join as joinCommands, raw } from '../../src/text/sh.js'
import { told } from '../support/sight.js'

const folder = mkdtempSync(join(tmpdir(), 'khactl-certificate-'))
const pki = join(folder, 'kubernetes/pki')
const bin = join(folder, 'bin')
afterAll(() => rmSync(folder, { recursive: true }))

const program = (name: string, text: string): void => {
  writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`)
  chmodSync(join(bin, name), 0o755)
}
const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
const sign = `openssl req ${curve.join(' ')} -subj /CN=kube-apiserver -keyout "$d/apiserver.key" -out "$d/csr" 2>/dev/null
echo "subjectAltName=$san" >"$d/ext"
openssl x509 -req -in "$d/csr" -CA "$d/ca.crt" -CAkey "$d/ca.key" -set_serial 1 -days "$days" -extfile "$d/ext" -out "$d/apiserver.crt" 2>/dev/null`
/** As kubeadm does: a certificate that is there already is kept. */
const kubeadm = `d=$(sed -n 's/^certificatesDir: //p') days=30; [ "$*" = 'init phase certs apiserver --config /dev/stdin' ] || exit 9
[ ! -e "$d/apiserver.crt" ] || exit 0
san=DNS:localhost,DNS:new.example,DNS:kubernetes,IP:127.0.0.1,IP:192.0.2.7
${sign}`

const local = (command: Command): string => wire(command).replaceAll('/etc/kubernetes', join(folder, 'kubernetes'))
const environment = { PATH: `${bin}:${process.env['PATH'] ?? ''}` }
const run = (command: Command) =>
  spawnSync('/bin/sh', ['-c', local(command)], {
    env: environment,
    input: `certificatesDir: ${pki}/khactl-new\n`,
    encoding: 'utf8',
  })
const text = (name: string): string => readFileSync(join(pki, name), 'utf8')
const names = (): readonly string[] => readCertificate(text('apiserver.crt'))?.names ?? []
const publicKey = (name: string): string =>
  createPublicKey(text(name)).export({ type: 'spki', format: 'pem' }).toString()
const mode = (name: string): number => statSync(join(pki, name)).mode & 0o777

beforeEach(() => {
  rmSync(join(folder, 'kubernetes'), { recursive: true, force: true })
  rmSync(bin, { recursive: true, force: true })
  mkdirSync(pki, { recursive: true })
  mkdirSync(bin)
  const ca = ['req', '-x509', ...curve, '-subj', '/CN=ca', '-keyout', 'ca.key', '-out', 'ca.crt']
  execFileSync('openssl', ca, { cwd: pki, stdio: 'ignore' })
  execFileSync('/bin/sh', ['-c', `d=. days=10 san=DNS:kubernetes,IP:127.0.0.1; ${sign}; rm csr ext`], { cwd: pki })
  program('kubeadm', kubeadm)
})

describe('a new certificate', () => {
  test('takes the place of the old one, which is kept for root alone', () => {
    const old = { crt: text('apiserver.crt'), key: text('apiserver.key') }
    const { status, stdout } = run(issue)
    expect(status).toBe(0)
    expect(names()).toContain('new.example')
    expect(stdout).toBe(text('apiserver.crt'))
    expect(publicKey('apiserver.key')).toBe(publicKey('apiserver.crt'))
    expect([text('apiserver.crt.khactl-before'), text('apiserver.key.khactl-before')]).toEqual([old.crt, old.key])
    expect(['crt', 'key', 'crt.khactl-before', 'key.khactl-before'].map((end) => mode(`apiserver.${end}`))).toEqual([
      0o644, 0o600, 0o600, 0o600,
    ])
    expect(existsSync(join(pki, 'khactl-new'))).toBe(false)
    expect(text('ca.key')).toContain('PRIVATE KEY')
  })

  test('is not seen by the API server when kubeadm fails', () => {
    const old = text('apiserver.crt')
    program('kubeadm', 'cat >/dev/null; echo no >&2; exit 1')
    expect(run(issue).status).toBe(1)
    expect(text('apiserver.crt')).toBe(old)
    expect(publicKey('apiserver.key')).toBe(publicKey('apiserver.crt'))
    expect(existsSync(join(pki, 'khactl-new'))).toBe(false)
  })

  test.each(['crt', 'key', 'crt and key'])('is made where %s was lost; the backup stays', (lost) => {
    expect(run(issue).status).toBe(0)
    const before = text('apiserver.key.khactl-before')
    for (const end of lost.split(' and ')) rmSync(join(pki, `apiserver.${end}`))
    expect(run(issue).status).toBe(0)
    expect(publicKey('apiserver.key')).toBe(publicKey('apiserver.crt'))
    expect(text('apiserver.key.khactl-before')).toBe(before)
  })

  test.each(['crt', 'key'])('that cannot be made where the %s was lost: the backup comes back', (lost) => {
    const old = text('apiserver.crt')
    expect(run(issue).status).toBe(0)
    rmSync(join(pki, `apiserver.${lost}`))
    program('kubeadm', 'exit 1')
    expect(run(issue).status).toBe(1)
    expect(text('apiserver.crt')).toBe(old)
    expect(publicKey('apiserver.key')).toBe(publicKey('apiserver.crt'))
    expect(mode('apiserver.key')).toBe(0o600)
  })

  // Killed before its nth mv: two for the backup, two for the swap.
  test.each([1, 2, 3, 4])('whose run is killed before move %i lacks names still, and the next run mends it', (move) => {
    const real = execFileSync('which', ['mv'], { encoding: 'utf8' }).trim()
    program(
      'mv',
      `echo x >>${folder}/moves; [ "$(wc -l <${folder}/moves)" -lt ${move} ] || { kill -9 $PPID; exit 1; }; exec ${real} "$@"`,
    )
    rmSync(join(folder, 'moves'), { force: true })
    expect(run(issue).signal).toBe('SIGKILL')
    expect(names()).toEqual(['kubernetes', '127.0.0.1'])
    rmSync(join(bin, 'mv'))
    expect(run(issue).status).toBe(0)
    expect(names()).toContain('new.example')
    expect(publicKey('apiserver.key')).toBe(publicKey('apiserver.crt'))
  })
})

describe('a running server', () => {
  const serving = async (work: (port: number) => Promise<void>): Promise<void> => {
    const server: Server = createServer({ key: text('apiserver.key'), cert: text('apiserver.crt') }, (_, response) =>
      response.end('ok'),
    )
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    try {
      await work((server.address() as AddressInfo).port)
    } finally {
      server.close()
    }
  }
  const only = (...tools: readonly string[]): void => {
    for (const tool of tools) symlinkSync(execFileSync('which', [tool], { encoding: 'utf8' }).trim(), join(bin, tool))
  }
  const ask = (command: Command, port: number, path = environment.PATH) =>
    promisify(execFile)('/bin/sh', ['-c', local(command).replaceAll('6443', String(port))], {
      env: { PATH: path },
    }).then(
      ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
      (error: unknown) => error as { code: number; stdout: string; stderr: string },
    )
  const expires = (): number => readCertificate(text('apiserver.crt'))?.expires ?? 0

  test('shows its certificate', async () => {
    for (const end of ['crt', 'key'])
      copyFileSync(join(pki, `apiserver.${end}`), join(pki, `apiserver-kubelet-client.${end}`))
    await serving(async (port) => {
      expect((await ask(shows({ expires: expires(), seconds: 0 }), port)).code).toBe(0)
      expect((await ask(shows({ expires: expires() + 1, seconds: 0 }), port)).code).toBe(75)
    })
    expect((await ask(shows({ expires: expires(), seconds: 0 }), 1)).code).toBe(75)
  })

  test('is asked by openssl where there is no curl, and by nothing where there is neither', async () => {
    const told = joinCommands([askApi, servedEnd, raw('served_end')], '')
    await serving(async (port) => {
      expect((await ask(told, port)).stdout).toBe(`${expires()}\n`)
      only('openssl', 'sed', 'date', 'timeout')
      expect((await ask(told, port, bin)).stdout).toBe(`${expires()}\n`)
      expect((await ask(told, 1, bin)).stdout).toBe('silent\n')
      rmSync(join(bin, 'openssl'))
      expect((await ask(told, port, bin)).stdout).toBe('not-told\n')
      expect((await ask(shows({ expires: expires(), seconds: 9 }), port, bin)).code).toBe(75)
    })
  })

  test('proves its names to kubectl where there is no curl', async () => {
    only('tr')
    program(
      'kubectl',
      'case "$*" in *new.example*) echo "x509: not new.example" >&2;; *) echo "error: You must be logged in" >&2;; esac; exit 1',
    )
    const { code, stderr } = await ask(prove(['kubernetes', 'new.example']), 1, bin)
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'new.example: failed: x509: not new.example \n' })
  })

  test('proves the names that it has, by any address', async () => {
    await serving(async (port) => {
      expect((await ask(prove(['127.0.0.1', 'kubernetes']), port)).code).toBe(0)
      const { code, stderr } = await ask(prove(['kubernetes', 'new.example', '192.0.2.7']), port)
      expect(code).toBe(1)
      expect(stderr.split('\n').map((line) => line.split(':')[0])).toEqual(['new.example', '192.0.2.7', ''])
    })
  })

  test('as a fact: one answer a name, in their order', async () => {
    await serving(async (port) => {
      const calls = ['kubernetes', 'new.example', '127.0.0.1'].map((name) => ({ address: '127.0.0.1:6443', name }))
      const { kind } = provenName({ address: '', name: '' })
      const { stdout } = await ask(kind.ask(calls as never), port)
      const seen = kind.tell({ stdout: Buffer.from(stdout), stderr: Buffer.alloc(0), status: 0 }, calls as never)
      expect(seen[0]).toEqual({ status: 'known', state: 'ok' })
      expect(seen[1]).toMatchObject({ state: { why: expect.stringContaining('new.example') as string } })
      expect(seen[2]).toEqual(seen[0])
    })
    expect(told(provenName({ address: 'x:1', name: 'n' }), '').status).toBe('unreadable')
  })
})
