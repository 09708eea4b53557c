// Asks the master of a jump host why it leads nowhere: the ssh behind it only sees that its connection ended.
import type { Ms } from '../model/session.js'
import type { Address } from './known-hosts.js'
import { codeOf } from './connect-words.js'
import { createReader, string, u32 } from './system-bytes.js'
import { message } from './system-channel.js'
import { openMux } from './system-mux.js'
import { withDeadline } from './deadline.js'

const ours = 1
const anyWindow = 32_768

/** An error with a `code` like one of a socket, EACCES where it forwards nothing; null: it does lead there. */
export const whyNotForwarded = async (
  socket: string,
  { address, port, within }: Address & { readonly within: Ms },
): Promise<Error | null> => {
  let answered: (error: Error | null) => void = () => undefined
  const answer = new Promise<Error | null>((resolve) => (answered = resolve))
  const mux = await openMux({
    path: socket,
    onPacket: (packet) => {
      if (packet[0] === message.opened) answered(null)
      if (packet[0] === message.openFailed) answered(refusal(packet))
    },
  }).catch((error: Error) => error)
  if (mux instanceof Error) return coded('ECONNRESET', 'the connection to the jump host was lost')
  const fields = [string('direct-tcpip'), u32(ours), u32(anyWindow), u32(anyWindow)]
  mux.send(message.open, ...fields, string(address), u32(port), string('127.0.0.1'), u32(0))
  void mux.closed.then(() => answered(coded('ECONNRESET', 'the connection to the jump host was lost')))
  const late = () => coded('ETIMEDOUT', `no answer within ${within / 1000} s`)
  const why = await withDeadline({ within, late, work: () => answer }).catch((error: Error) => error)
  // Its end closes the channel, should there be one.
  mux.destroy()
  return why
}

const prohibited = 1

const refusal = (packet: Buffer): Error => {
  const read = createReader(packet.subarray(5))
  const reason = read.u32()
  const text = read.string().toString()
  return coded(reason === prohibited ? 'EACCES' : codeOf(text), text)
}

const coded = (code: string, words: string): Error => Object.assign(new Error(words), { code })
