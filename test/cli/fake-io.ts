// The process, faked: what main wrote, the signals it listens to, what was typed.
import { PassThrough } from 'node:stream'
import type { Io } from '../../src/cli/io.js'

export interface FakeIo {
  readonly io: Io
  readonly out: () => string
  readonly err: () => string
  readonly raise: (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => void
  readonly type: (text: string) => void
  readonly end: () => void
  readonly exits: readonly number[]
}

export const fakeIo = (
  more: { readonly terminal?: boolean; readonly cwd?: string; readonly env?: Io['env'] } = {},
): FakeIo => {
  const { terminal = false, cwd = '/', env = {} } = more
  const written = { out: '', err: '' }
  const listeners = new Map<string, Set<() => void>>()
  const exits: number[] = []
  const stdin = Object.assign(new PassThrough(), { isTTY: terminal, setRawMode: () => undefined })
  const output = (name: 'out' | 'err') =>
    Object.assign(new PassThrough(), {
      isTTY: terminal,
      columns: 80,
      rows: 24,
      write: (text: string) => {
        written[name] += text
        return true
      },
    })
  const io: Io = {
    stdin,
    stdout: output('out'),
    stderr: output('err'),
    env,
    cwd,
    pid: 4242,
    home: '/nonexistent',
    platform: 'node v0, test',
    now: () => 0,
    onSignal: (signal, act) => {
      const acts = listeners.get(signal) ?? new Set()
      listeners.set(signal, acts.add(act))
      return () => void acts.delete(act)
    },
    exit: (code) => {
      exits.push(code)
      throw new Error(`exit ${code}`)
    },
  }
  return {
    io,
    out: () => written.out,
    err: () => written.err,
    raise: (signal) => {
      for (const act of listeners.get(signal) ?? []) act()
    },
    type: (text) => void stdin.write(text),
    end: () => void stdin.end(),
    exits,
  }
}
