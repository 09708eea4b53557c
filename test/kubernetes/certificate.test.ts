// The API server's certificate: what is missing, and what the step does about it, with a server that follows and one that does not.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  comparable,
  missingNames,
  parseServing,
  servingCertificate,
  type ServingCertificate,
} from '../../src/facts/kubernetes/serving-names.js'
import { servingCertificateStep, type Around } from '../../src/steps/kubernetes/serving-certificate.js'
import { intentWith, shownChanges, told } from '../support/sight.js'
import { scripted, type Reply } from './script.js'

const fixture = readFileSync(join(import.meta.dirname, 'fixtures/serving-master-1.txt'), 'utf8')
const names = ['10.205.10.100', '127.0.0.1', 'localhost', 'api.example.test', '192.0.2.7', 'master-1', '10.205.10.21']
const have = parseServing(fixture)

const step = (wanted: readonly string[], around: Around | null = null) =>
  servingCertificateStep({ names: wanted, config: 'kind: ClusterConfiguration', around })
const changes = (wanted: readonly string[], state: ServingCertificate) =>
  shownChanges(step(wanted), { 'serving certificate': () => state })

describe('what a host says', () => {
  test('a master of the lab', () => {
    expect(told(servingCertificate(), fixture)).toEqual({ status: 'known', state: have })
    expect(have).toMatchObject({ key: 'there', caKey: 'there', served: 'the file' })
    expect(have.file?.names).toEqual(expect.arrayContaining([...names, 'kubernetes.default.svc', '10.96.0.1']))
  })
  test.each([
    [':54 2027 GMT', ':55 2027 GMT', 'another'],
    // As a curl with GnuTLS says it.
    ['Nov 21 05:06:54 2027 GMT', 'Sun, 21 Nov 2027 05:06:54 GMT', 'the file'],
    ['served Nov 21 05:06:54 2027 GMT', 'served silent', 'silent'],
    ['served Nov 21 05:06:54 2027 GMT', 'served not-told', 'not told'],
  ])('%s → %s', (from, to, served) => {
    expect(parseServing(fixture.replace(from, to)).served).toBe(served)
  })
  test('no file, a file cut off, and a host without any', () => {
    const [head = '', pem = ''] = fixture.split('pem\n')
    expect(parseServing(`${head}pem\n\nend\n`)).toMatchObject({ file: null, served: 'another' })
    expect(parseServing(`${head}pem\n${pem.slice(0, 400)}\nend\n`).file).toBeNull()
    expect(parseServing('pem\n\nend\n')).toEqual({ file: null, key: 'absent', caKey: 'absent', served: 'silent' })
    expect(told(servingCertificate(), fixture.slice(0, -4)).status).toBe('unreadable')
  })
  test('names are compared as what they mean', () => {
    expect(missingNames(['API.example', 'fd00::1'], ['api.EXAMPLE', 'FD00:0:0:0:0:0:0:1'])).toEqual([])
    expect(comparable('fd00:0::1')).toBe('fd00::1')
  })
})

describe('what differs', () => {
  test('a superset is left alone', () => {
    expect(changes(names, have)).toEqual([])
    expect(changes(['localhost'], have)).toEqual([])
  })
  test.each(names)('without %s exactly that is missing', (lost) => {
    const file = { expires: 1, names: have.file?.names.filter((name) => name !== lost) ?? [] }
    expect(changes(names, { ...have, file })).toEqual([`certificate of the API server name ${lost}: absent → ${lost}`])
  })
  test('the API server is said to be away once, however many names', () => {
    const { changes: all } = intentWith(step(['a', 'b']), { 'serving certificate': () => have })
    expect(all.map(({ impact }) => impact)).toEqual(['api-gap', 'none'])
  })
  test('a run that died: files lost, or not shown yet', () => {
    const [crt, key] = ['crt', 'key'].map((end) => `/etc/kubernetes/pki/apiserver.${end}: absent → a new one`)
    expect(changes(names, { ...have, file: null, served: 'another' })).toEqual([crt])
    expect(changes(names, { ...have, key: 'absent' })).toEqual([key])
    expect(changes(names, { ...have, file: null, key: 'absent', served: 'silent' })).toEqual([crt, key])
    expect(changes(names, { ...have, served: 'another' })).toEqual([
      'certificate that the API server shows: another → /etc/kubernetes/pki/apiserver.crt',
    ])
    expect(changes(names, { ...have, served: 'silent' })).toEqual([])
    expect(changes(names, { ...have, served: 'not told' })).toEqual([])
  })
  test('a CA that is kept elsewhere: refused with the names, but only where something must be signed', () => {
    const problems = (wanted: readonly string[], state: ServingCertificate) =>
      intentWith(step(wanted), { 'serving certificate': () => state }).problems.map(({ message }) => message)
    const external = { ...have, caKey: 'absent' } as const
    expect(problems([...names, 'new'], external)).toEqual([
      "the API server's certificate lacks new, and there is no /etc/kubernetes/pki/ca.key to sign a new one",
    ])
    expect(problems(names, { ...external, key: 'absent' })[0]).toContain('lacks its key,')
    expect(problems(names, { ...external, served: 'another' })).toEqual([])
  })
})

describe('what is done', () => {
  const pem = fixture.slice(fixture.indexOf('-----BEGIN'), fixture.indexOf('\nend'))
  const kinds: readonly (readonly [string, RegExp])[] = [
    ['issue', /kubeadm init phase certs apiserver/],
    ['wait', /^want=(\d+) /m],
    ['restart', /kill -TERM/],
    ['prove', /^bad=/m],
  ]
  const run = async (state: ServingCertificate, waits: readonly number[]) => {
    const did: string[] = []
    const left = [...waits]
    const reply: Reply = ({ wire, stdin }) => {
      const [kind = '', pattern = /^/] = kinds.find(([, one]) => one.test(wire)) ?? []
      did.push(kind === 'wait' ? `wait ${pattern.exec(wire)?.[1]}` : kind)
      if (kind === 'issue') expect(stdin).toBe('kind: ClusterConfiguration')
      if (kind === 'issue') return { stdout: pem }
      return kind === 'wait' ? { status: left.shift() ?? 0 } : null
    }
    const note = (what: string) => () => Promise.resolve(void did.push(what))
    const around: Around = { hosts: ['leader'], takeOut: note('out'), putBack: note('back') }
    const wanted = step([...names, 'new'], around)
    expect(wanted.writes).toEqual(['self', 'leader'])
    const outcome = await intentWith(wanted, { 'serving certificate': () => state })
      .apply(scripted(reply).at)
      .then(
        () => 'done',
        (error: unknown) => (error as { code?: string }).code,
      )
    return { did, outcome }
  }
  const expires = 'wait 1826773614'

  test('a server that reads the file again is neither drained nor restarted', async () => {
    expect(await run(have, [0])).toEqual({ did: ['issue', expires, 'prove'], outcome: 'done' })
  })
  test('one that does not is, between drain and return', async () => {
    const did = ['issue', expires, 'out', 'restart', expires, 'back', 'prove']
    expect(await run(have, [75, 0])).toEqual({ did, outcome: 'done' })
  })
  test('one that does not come back is said so, and is not left drained', async () => {
    const did = ['issue', expires, 'out', 'restart', expires, 'back']
    expect(await run(have, [75, 75])).toEqual({ did, outcome: 'kubeadm.certificate' })
  })
  test('a file that is fine and not shown is not made again', async () => {
    const file = { expires: 7, names: [...names, 'new'] }
    expect(await run({ ...have, file, served: 'another' }, [0])).toEqual({ did: ['wait 7', 'prove'], outcome: 'done' })
  })
})
