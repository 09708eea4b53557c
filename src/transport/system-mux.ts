// A connection to the control socket of an ssh master, over which SSH's own channel packets go (PROTOCOL.mux, "proxy mode").
import { connect, type Socket } from 'node:net'
import { byte, createPacketCutter, createReader, u32 } from './system-bytes.js'

export interface Mux {
  /** One packet of the SSH connection protocol, its message number first. */
  readonly send: (message: number, ...fields: readonly Uint8Array[]) => void
  /** The master is gone, or does not speak with us any more. */
  readonly closed: Promise<void>
  readonly destroy: () => void
}

export interface MuxOptions {
  readonly path: string
  readonly onPacket: (packet: Buffer) => void
}

const muxHello = 1
const muxProxy = 0x1000000f
const muxIsProxy = 0x8000000f
const version = 4
const request = 1

/** Rejects when nobody answers there, or somebody who knows no proxy mode (OpenSSH before 7.4). */
export const openMux = ({ path, onPacket }: MuxOptions): Promise<Mux> =>
  new Promise((resolve, reject) => {
    const socket: Socket = connect({ path })
    const closed = new Promise<void>((gone) => socket.once('close', () => gone()))
    const frame = (packet: Buffer): void => {
      if (socket.writable) socket.write(Buffer.concat([u32(packet.length), packet]))
    }
    const mux: Mux = {
      closed,
      destroy: () => socket.destroy(),
      // No padding, no MAC: the master adds its own.
      send: (message, ...fields) => frame(Buffer.concat([byte(0), byte(message), ...fields])),
    }
    let isOpen = false
    const fail = (why: string): void => {
      socket.destroy()
      reject(new Error(`the ssh program does not share its connection: ${why}`))
    }
    const answer = (packet: Buffer): void => {
      const read = createReader(packet)
      const kind = read.u32()
      if (kind === muxHello) frame(Buffer.concat([u32(muxProxy), u32(request)]))
      else if (kind === muxIsProxy) {
        isOpen = true
        resolve(mux)
      } else fail(`its answer was ${kind.toString(16)}`)
    }
    socket.on(
      'data',
      createPacketCutter((packet) => (isOpen ? onPacket(packet.subarray(1)) : answer(packet))),
    )
    // For life: the end of the master is told by `closed`.
    socket.on('error', (error) => fail(error.message))
    socket.once('close', () => fail('it closed its socket'))
    socket.once('connect', () => frame(Buffer.concat([u32(muxHello), u32(version)])))
  })
