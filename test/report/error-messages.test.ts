// Errors as an operator reads them at two in the morning, made by the code that makes them: read the golden after a change.
import { join as path, resolve } from 'node:path'
import { expect, test } from 'vitest'
import type { Wires } from '../../src/cli/compose.js'
import { lockHosts } from '../../src/cli/locks.js'
import { unlessInterrupted } from '../../src/cli/signals.js'
import { createMemory } from '../../src/engine/memory.js'
import { createHands } from '../../src/engine/writers.js'
import { firstOf } from '../../src/model/attempts.js'
import { secret } from '../../src/model/command.js'
import { KhactlError } from '../../src/model/error.js'
import { failureOf } from '../../src/model/failure.js'
import type { Writer } from '../../src/model/step.js'
import { failureLines } from '../../src/report/error-text.js'
import { createStyle } from '../../src/report/style.js'
import { kubeadmFailure } from '../../src/steps/kubernetes/kubeadm-failure.js'
import { awaitQuorum } from '../../src/steps/kubernetes/quorum.js'
import { retry } from '../../src/steps/retry.js'
import { transient } from '../../src/steps/transient.js'
import { createSession } from '../../src/transport/session.js'
import { lostError, unansweredError } from '../../src/transport/ssh-error.js'
import type { Place } from '../../src/transport/ssh-error.js'
import { join, raw, sh } from '../../src/text/sh.js'
import { job } from '../kubernetes/script.js'
import { createHost } from '../support/local-host.js'
import { host } from '../support/world.js'
import { place } from '../transport/local-shell.js'

const m1: Place = { ...place, name: host('master-1') }
const told: string[] = []
const style = createStyle('never')

const tell = (error: unknown, at: { readonly title?: string } = {}): void => {
  const where = at.title === undefined ? {} : { place: { host: 'master-1', title: at.title } }
  told.push(failureLines(failureOf(error), { style, columns: 80, ...where }).join('\n'))
}
const thrown = async (work: Promise<unknown>): Promise<KhactlError> => {
  const error = await work.catch((caught: unknown) => caught)
  if (!(error instanceof KhactlError)) throw new Error(`no error: ${String(error)}`)
  return error
}

/** The engine's writer to this machine's own shell. */
const local = (): Writer => {
  const here = createHost()
  return createHands({
    memory: createMemory(),
    observer: { observe: () => Promise.reject(new Error('unused')), leader: () => Promise.resolve(null) },
    send: (_, command, options) => Promise.resolve(here.send(command, options)),
  }).writer(host('master-1'))
}
/** One that answers every command so. */
const answering = (stdout: string, status = 0): Writer => ({
  host: host('master-1'),
  run: () => Promise.resolve({ status, stdout: Buffer.from(stdout), stderr: Buffer.alloc(0) }),
})
const jobOf = { name: 'kubeadm-join', summary: 'kubeadm join', command: raw('kubeadm join'), within: 900_000 }
const failed = (...tail: readonly string[]) =>
  new KhactlError('job.failed', {
    ...{ message: 'khactl-kubeadm-join failed on master-1 with exit status 1', exit: 'failed' },
    ...{ command: 'kubeadm join', status: 1, tail, hint: 'Its whole output is in /run/khactl/run/kubeadm-join.log.' },
  })

test('every one has its place, its cause and what to do', async () => {
  const title = 'Join master-1 to cluster lab as a master'
  const wires = {
    session: () =>
      Promise.resolve({
        lock: () =>
          Promise.resolve({ kind: 'taken-by', owner: 'root@ops-1 (process 4242) since 2026-11-21T02:00:00Z' }),
      }),
  } as unknown as Wires
  tell(await thrown(lockHosts(wires, { hosts: [m1.name], pid: 1, manner: 'respect' })))
  const session = createSession({
    place: m1,
    own: {
      started: Promise.resolve(),
      request: () => Promise.resolve({ status: 999, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) }),
      pings: () => 0,
      close: () => Promise.resolve(),
    },
    openCluster: () => Promise.reject(new Error('unused')),
    disconnect: () => Promise.resolve(),
  })
  tell(await thrown(session.request('own', { script: raw('true'), within: 1000 })), { title })
  tell(await thrown(unlessInterrupted(AbortSignal.abort(), new Promise(() => undefined))))
  tell(lostError(m1, new Error('read ECONNRESET')), { title })
  tell(unansweredError(m1, 60_000), { title })
  const password = secret('swordfish')
  tell(await thrown(local().run(join([sh`p=${password}`, raw('; echo "no route to host" >&2; exit 3')], ''))), {
    title: 'Write /etc/hosts',
  })
  tell(
    await thrown(local().run(join([retry, raw('go() { echo "image pull denied" >&2; return 1; }; retry 0 go')], ''))),
    {
      title: 'Apply calico v3.30.2',
    },
  )
  tell(firstOf(failed('error: the token is expired'), [failed('a Node of that name already exists')]), { title })
  tell(await thrown(transient(answering(job(1, ['khactl: 2 GiB are free on /var, 5 are needed']).stdout), jobOf)), {
    title,
  })
  tell(await thrown(transient(answering(job(1, ['E: Unable to locate package kubelet']).stdout), jobOf)), { title })
  tell(await thrown(transient(answering('\n@job started -\n[preflight] Running'), jobOf)), { title })
  tell(await thrown(transient(answering('\n@job started -\n[etcd] Waiting', 75), jobOf)), { title })
  tell(kubeadmFailure(failed('\t[ERROR Port-6443]: Port 6443 is in use', '\t[ERROR Swap]: swap is on'), 'master-1'), {
    title,
  })
  tell(
    kubeadmFailure(
      failed('khactl: the kubelet ended with exit status 255 and is started again and again: unknown flag: --x'),
      'master-1',
    ),
    { title },
  )
  tell(
    kubeadmFailure(
      failed(
        'error execution phase wait-control-plane: timed out waiting for the condition',
        'kubelet: etcd was started 5 times; it said last: no space left on device',
      ),
      'master-1',
    ),
    { title },
  )
  tell(await thrown(awaitQuorum(answering('etcd member 8e9e05c52164694d (master-3) has not started\n', 75))), { title })
  expect(told.length).toBeGreaterThanOrEqual(15)
  expect(told.join('\n')).not.toContain('swordfish')
  await expect(`${told.join('\n\n')}\n`).toMatchFileSnapshot(
    path(resolve(import.meta.dirname, 'golden'), 'error-messages.txt'),
  )
})
