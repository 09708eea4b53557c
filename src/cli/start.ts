#!/usr/bin/env node
// The program: the one file with an effect when it is loaded.
import { processIo, programArguments } from './io.js'
import { main } from './main.js'

const io = processIo()
io.exit(await main(programArguments(), io))
