// How known_hosts names a host that listens elsewhere, and how it does when names are hashed.
import { createHmac, randomBytes } from 'node:crypto'

export const hostPattern = (address: string, port: number): string => (port === 22 ? address : `[${address}]:${port}`)

/** As `ssh-keygen -H` writes it. */
export const hashedPattern = (name: string): string => {
  const salt = randomBytes(20)
  const hash = createHmac('sha1', salt).update(name).digest('base64')
  return `|1|${salt.toString('base64')}|${hash}`
}
