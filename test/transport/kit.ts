// Tests of sessions: each has connectors of its own, closed at its end, and a folder for what a client may leave behind.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { it } from 'vitest'
import type { Command } from '../../src/model/command.js'
import type { Host } from '../../src/model/inventory.js'
import type { Answer, Connector, Session } from '../../src/model/session.js'
import { createConnector, type ConnectorOptions } from '../../src/transport/connector.js'
import { scratch } from './local-shell.js'

export const sh = (text: string): Command => ({ parts: [text] })
export const run = (session: Session, text: string, within = 15_000): Promise<Answer> =>
  session.request('own', { script: sh(text), within })
export const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: unknown) => error,
  )
export const print = (key: string): string => execFileSync('ssh-keygen', ['-lf', key]).toString().split(' ')[1] ?? ''

interface Kit {
  readonly connectorFor: (hosts: readonly Host[], more?: Partial<ConnectorOptions>) => Connector
  readonly login: (host: Host, more?: Partial<ConnectorOptions>) => Promise<Session>
  /** Where the client may keep sockets: nothing is left there after closeAll. */
  readonly runtime: string
  readonly closeAll: () => Promise<void>
}

/** A test with connectors of its own, closed at its end. */
export const test = (name: string, body: (kit: Kit) => Promise<void>): void =>
  it(name, { timeout: 60_000 }, async ({ onTestFinished }) => {
    const open: Connector[] = []
    const runtime = scratch()
    const environment = { PATH: process.env['PATH'], HOME: '/nonexistent', XDG_RUNTIME_DIR: runtime }
    const connectorFor: Kit['connectorFor'] = (hosts, more = {}) => {
      const connector = createConnector({ hosts, agentSocket: undefined, environment, ...more })
      open.push(connector)
      return connector
    }
    const login: Kit['login'] = (host, more) => connectorFor([host], more).connect(host.name)
    const closeAll = async (): Promise<void> => {
      await Promise.all(open.splice(0).map((connector) => connector.closeAll()))
    }
    onTestFinished(closeAll)
    await body({ connectorFor, login, runtime, closeAll })
  })

/** Processes of this machine that were started with that word, e.g. with a path. */
export const processesWith = (word: string): readonly string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')]
      } catch {
        return []
      }
    })
    .filter((line) => line.includes(word))
