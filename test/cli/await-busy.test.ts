import { expect, test } from 'vitest'
import { awaitBusy } from '../../src/cli/await-busy.js'
import type { Event } from '../../src/model/event.js'
import type { HostName, HostState } from '../../src/model/host.js'

const name = (text: string): HostName => text as HostName
const busy: HostState = { kind: 'busy', unit: 'khactl-kubeadm-join.service' }
const of = (states: Readonly<Record<string, HostState>>) =>
  new Map(Object.entries(states).map(([host, state]) => [name(host), state]))

test('who is busy is looked at until it is not, told once, and nobody else is looked at again', async () => {
  const events: Event[] = []
  const asked: string[] = []
  const answers = [of({ m2: busy }), of({ m2: { kind: 'healthy', role: 'master' } })]
  const found = await awaitBusy({
    found: of({ m1: { kind: 'healthy', role: 'master' }, m2: busy }),
    again: (hosts) => {
      asked.push(hosts.join(' '))
      return Promise.resolve(answers.shift() ?? new Map())
    },
    claim: () => Promise.resolve(),
    emit: (event) => void events.push(event),
    wait: () => Promise.resolve(),
    interrupted: () => false,
  })
  expect(asked).toEqual(['m2', 'm2'])
  expect([...found.values()].map(({ kind }) => kind)).toEqual(['healthy', 'healthy'])
  expect(events).toEqual([
    {
      type: 'note',
      level: 'info',
      text: 'waiting for khactl-kubeadm-join.service of an earlier run to end',
      host: 'm2',
    },
  ])
})

test('the wait ends: after a quarter of an hour, and at Ctrl-C', async () => {
  const looks = { count: 0 }
  const input = {
    found: of({ m2: busy }),
    again: () => {
      looks.count += 1
      return Promise.resolve(of({ m2: busy }))
    },
    claim: () => Promise.resolve(),
    emit: () => undefined,
    wait: () => Promise.resolve(),
  }
  const late = await awaitBusy({ ...input, interrupted: () => false })
  expect(late.get(name('m2'))?.kind).toBe('busy')
  expect(looks.count).toBe(450)
  await awaitBusy({ ...input, interrupted: () => true })
  expect(looks.count).toBe(450)
})

test('a host that a living run works on is not waited for', async () => {
  const asked: string[] = []
  const refused = awaitBusy({
    found: of({ m2: busy }),
    again: () => Promise.reject(new Error('not to be asked')),
    claim: (hosts) => {
      asked.push(hosts.join(' '))
      return Promise.reject(new Error('m2 is held'))
    },
    emit: () => undefined,
    wait: () => Promise.resolve(),
    interrupted: () => false,
  })
  await expect(refused).rejects.toThrow('m2 is held')
  expect(asked).toEqual(['m2'])
})
