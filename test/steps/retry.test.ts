// The first failure is the headline, whatever the later attempts say (R-U2): in one command on the host, and over several.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as path } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createHands } from '../../src/engine/writers.js'
import { createMemory } from '../../src/engine/memory.js'
import { firstOf } from '../../src/model/attempts.js'
import { KhactlError } from '../../src/model/error.js'
import { failureOf } from '../../src/model/failure.js'
import { failureLines } from '../../src/report/error-text.js'
import { createStyle } from '../../src/report/style.js'
import { retry } from '../../src/steps/retry.js'
import { join, raw } from '../../src/text/sh.js'
import { createHost } from '../support/local-host.js'
import { host } from '../support/world.js'

const folder = mkdtempSync(path(tmpdir(), 'khactl-retry-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The failure of a command that tries what says one thing after the other, as the engine makes it. */
const failing = async (seconds: number, ...says: readonly string[]): Promise<KhactlError> => {
  const local = createHost()
  const hands = createHands({
    memory: createMemory(),
    observer: { observe: () => Promise.reject(new Error('unused')), leader: () => Promise.resolve(null) },
    send: (_, command, options) => Promise.resolve(local.send(command, options)),
  })
  const count = path(folder, String(Math.random()))
  const cases = says.map((said, at) => `${at + 1}) echo ${JSON.stringify(said)} >&2;;`).join(' ')
  const script = `go() { echo x >>${count}; case $(wc -l <${count}) in ${cases} *) echo "more of it" >&2;; esac; return 1; }; retry ${seconds} go`
  const outcome = await hands
    .writer(host('m1'))
    .run(join([retry, raw(script)], ''))
    .catch((error: unknown) => error)
  if (!(outcome instanceof KhactlError)) throw new Error('it did not fail')
  return outcome
}

test('attempt 1 "image pull denied", attempt 2 "already exists": the headline is attempt 1', async () => {
  const error = await failing(0, 'image pull denied')
  expect(error.message).toBe('m1: image pull denied')
  const later = await failing(1, 'image pull denied', 'already exists', 'already exists', 'already exists')
  expect(later.message).toBe('m1: image pull denied')
  expect(later.details.tail?.[0]).toBe('image pull denied')
  expect(later.details.tail?.[1]).toMatch(/^attempt \d: already exists$/)
})

test('what another attempt cannot mend is not tried again', async () => {
  const error = await failing(60, 'The DaemonSet "calico" is invalid: spec.selector: Required value')
  expect(error.message).toBe('m1: The DaemonSet "calico" is invalid: spec.selector: Required value')
})

test('over several commands the first failure keeps what the later ones said', () => {
  const said = (message: string) => new KhactlError('kubeadm.failed', { message, exit: 'failed', status: 1 })
  const failure = failureOf(firstOf(said('the token is expired'), [said('a Node of that name already exists')]))
  expect(failure).toMatchObject({ message: 'the token is expired', attempts: ['a Node of that name already exists'] })
  expect(failureLines(failure, { style: createStyle('never') })).toEqual([
    'the token is expired [kubeadm.failed]',
    '  exit status 1',
    '  attempt 2: a Node of that name already exists',
  ])
})
