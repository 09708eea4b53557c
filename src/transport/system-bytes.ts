// The data types of the SSH protocol (RFC 4251 §5), as far as channels need them.

export const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export const byte = (value: number): Buffer => Buffer.from([value])

/** Its length, then its bytes. */
export const string = (value: string | Uint8Array): Buffer => {
  const bytes = Buffer.from(value)
  return Buffer.concat([u32(bytes.length), bytes])
}

export interface Reader {
  byte(): number
  u32(): number
  string(): Buffer
}

/** Throws a RangeError beyond the end. */
export const createReader = (bytes: Buffer): Reader => {
  let at = 0
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new RangeError('a packet that is too short')
    at += length
    return bytes.subarray(at - length, at)
  }
  const u32 = (): number => take(4).readUInt32BE(0)
  return { byte: () => take(1).readUInt8(0), u32, string: () => take(u32()) }
}

/** Cuts a stream into the packets that their length precedes; `push` takes it cut anywhere. */
export const createPacketCutter = (onPacket: (packet: Buffer) => void): ((chunk: Buffer) => void) => {
  let held: Buffer[] = []
  let size = 0
  return (chunk) => {
    held.push(chunk)
    size += chunk.length
    for (;;) {
      if (size < 4) return
      if ((held[0]?.length ?? 0) < 4) held = [Buffer.concat(held)]
      const length = 4 + (held[0]?.readUInt32BE(0) ?? 0)
      if (size < length) return
      const all = held.length === 1 ? (held[0] ?? Buffer.alloc(0)) : Buffer.concat(held)
      held = [all.subarray(length)]
      size -= length
      onPacket(all.subarray(4, length))
    }
  }
}
