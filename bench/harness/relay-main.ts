// The relay as a process, to be started inside a network of its own: ways and delay as JSON in, a line for each connection out.
import { startRelay, type Way } from './relay.js'

const { ways, delayMs } = JSON.parse(process.argv[2] ?? '') as {
  readonly ways: readonly Way[]
  readonly delayMs: number
}
const relay = await startRelay(ways, { delayMs, carried: (one) => console.log(JSON.stringify(one)) })
console.log('ready')
// Whoever started it holds the other end of stdin, so it never outlives them.
process.stdin.resume()
process.stdin.on('end', () => {
  relay.close()
  process.exit(0)
})
