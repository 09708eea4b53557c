// A login on a real sshd whose channels are written down: what was asked for, what was sent, what came back, in order.
import { readFileSync } from 'node:fs'
import type { Host } from '../../src/model/inventory.js'
import type { Link } from '../../src/transport/link.js'
import { loadSsh2 } from '../../src/transport/ssh2.js'
import { ssh2Link } from '../../src/transport/ssh2-link.js'
import type { Terminal, Wire } from '../../src/transport/wire.js'

export interface Tape {
  readonly terminal: Terminal
  readonly command: string
  /** `sent` and `heard` in the order of their time. */
  readonly entries: { readonly what: 'sent' | 'heard'; readonly text: string }[]
}

export interface TapedLink {
  readonly link: Link
  /** One for each exec. */
  readonly tapes: Tape[]
}

export const tapedLogin = async (host: Host): Promise<TapedLink> => {
  const { Client } = await loadSsh2()
  const client = new Client()
  let lastError: Error | null = null
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve)
    client.on('error', (error) => {
      lastError = error
      reject(error)
    })
    const { address, port, user, keys } = host.ssh
    client.connect({ host: address, port, username: user, privateKey: readFileSync(keys[0] ?? '') })
  })
  const destroy = (): void => void client.destroy()
  const link = ssh2Link({ client, place: host, lastError: () => lastError, closed, destroy })
  const tapes: Tape[] = []
  return {
    tapes,
    link: {
      ...link,
      exec: (exec, use) => {
        const tape: Tape = { ...exec, entries: [] }
        tapes.push(tape)
        return link.exec(exec, (wire) => use(taped(wire, tape)))
      },
    },
  }
}

const taped = (wire: Wire, { entries }: Tape): Wire => ({
  ...wire,
  write: (bytes) => {
    entries.push({ what: 'sent', text: Buffer.from(bytes).toString('latin1') })
    wire.write(bytes)
  },
  listen: (ears) => {
    const heard = (chunk: Buffer): void => void entries.push({ what: 'heard', text: chunk.toString('latin1') })
    wire.listen({
      ...ears,
      stdout: (chunk) => {
        heard(chunk)
        ears.stdout(chunk)
      },
      stderr: (chunk) => {
        heard(chunk)
        ears.stderr(chunk)
      },
    })
  },
})
