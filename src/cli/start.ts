// The program: with load.ts, which runs it once it is built, the one file with an effect when it is loaded.
import { processIo, programArguments } from './io.js'
import { main } from './main.js'

const io = processIo()
void main(programArguments(), io).then((code) => io.exit(code))
