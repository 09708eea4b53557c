// khactl version: this khactl, and the node it runs on.
import { exitCodes } from '../../model/error.js'
import type { Io } from '../io.js'
import { versionText } from '../version.js'

export const version = (io: Io): number => {
  io.stdout.write(`${versionText()}\n${io.platform}\n`)
  return exitCodes.ok
}
