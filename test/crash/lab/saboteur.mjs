// Preloaded into the khactl under test (node --import): holds it still, inside its own event loop, at the very event that
// the driver wants to hit it at. It decides nothing: every event that matters goes to the driver on file descriptor 3, and
// khactl goes on once a line comes back on file descriptor 4. Events are written synchronously, before the next command is.
import { readSync, writeSync } from 'node:fs'

const told = /^\{"at":"[^"]*","type":"(?:step-applying|step-ended|command)"/

/** Blocks: nothing of khactl runs between the word and the answer. */
const ask = (word) => {
  writeSync(3, `${word}\n`)
  let answer = ''
  const byte = Buffer.alloc(1)
  while (!answer.endsWith('\n')) {
    if (readSync(4, byte, 0, 1, null) === 0) return 'go'
    answer += byte.toString()
  }
  return answer.trim()
}

const obey = (answer) => {
  const [verb, ms, ...name] = answer.split(' ')
  if (verb === 'call') setTimeout(() => obey(ask(JSON.stringify({ type: 'called', name: name.join(' ') }))), Number(ms))
}

const write = process.stdout.write.bind(process.stdout)
process.stdout.write = (text, ...rest) => {
  const done = write(text, ...rest)
  if (typeof text === 'string' && told.test(text)) obey(ask(text.trimEnd()))
  return done
}
