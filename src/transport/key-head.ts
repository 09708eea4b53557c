// What a private key file in OpenSSH's own format says without its passphrase: cipher and public key (PROTOCOL.key).

export interface KeyHead {
  /** `none`: not encrypted. */
  readonly cipher: string
  /** The public key's blob. */
  readonly blob: Buffer
}

const magic = 'openssh-key-v1\0'

/** null: another format, or damaged. */
export const keyHead = (text: Buffer): KeyHead | null => {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END/.exec(text.toString('latin1'))?.[1]
  const bytes = Buffer.from(body ?? '', 'base64')
  if (bytes.toString('latin1', 0, magic.length) !== magic) return null
  const strings: Buffer[] = []
  let at = magic.length
  // Cipher, key derivation and its options, the number of keys, the first public key.
  for (const skip of [0, 0, 0, 4]) {
    at += skip
    if (at + 4 > bytes.length) return null
    const end = at + 4 + bytes.readUInt32BE(at)
    if (end > bytes.length) return null
    strings.push(bytes.subarray(at + 4, end))
    at = end
  }
  const [cipher, , , blob] = strings
  return cipher === undefined || blob === undefined ? null : { cipher: cipher.toString('latin1'), blob }
}
