// A Link over a master of the system's ssh: its channels go through the control socket, so a command costs no process here.
import { withDeadline } from './deadline.js'
import type { Exec, Link } from './link.js'
import { lostError, noChannelError, type Place } from './ssh-error.js'
import { createReader } from './system-bytes.js'
import { openChannel, type Channel, type RefusedError } from './system-channel.js'
import type { Master } from './system-master.js'
import { openMux } from './system-mux.js'
import type { Wire } from './wire.js'

/** For a process of this machine to answer on its socket. */
const muxWithin = 10_000

/** Rejects when the master does not let us in. */
export const systemLink = async (place: Place, master: Master): Promise<Link> => {
  const channels = new Map<number, Channel>()
  let isGone = false
  let last = 0
  const mux = await withDeadline({
    within: muxWithin,
    late: () => lostError(place, new Error(`the ssh program did not answer within ${muxWithin / 1000} s`)),
    work: () =>
      openMux({
        path: master.socket,
        onPacket: (packet) => {
          const id = packet.length < 5 ? -1 : createReader(packet.subarray(1)).u32()
          if (channels.get(id)?.take(packet[0] ?? 0, packet.subarray(5)) === 'closed') channels.delete(id)
        },
      }),
  })
  // What the master says last is the reason, and it says it after its socket is closed.
  const closed = mux.closed.then(async () => {
    isGone = true
    master.destroy()
    await master.gone
    for (const [id, channel] of channels) {
      channels.delete(id)
      channel.lose()
    }
  })

  const exec = <T>({ command, terminal }: Exec, use: (wire: Wire) => T): Promise<T> =>
    new Promise((resolve, reject) => {
      const lost = (): void => reject(lostError(place, master.lastError() ?? undefined))
      if (isGone) return lost()
      void closed.then(lost)
      last += 1
      const refused = (error: RefusedError): void => reject(noChannelError(place, { error, terminal }))
      const options = { send: mux.send, id: last, command, terminal, use, opened: resolve, refused }
      channels.set(last, openChannel(options))
    })

  return {
    exec,
    lastError: master.lastError,
    closed,
    end: master.end,
    destroy: master.destroy,
  }
}
