// A program that logs in with the ssh program, runs a command and waits to be killed: PORT KEY RUNTIME-FOLDER.
import { createConnector } from '../../src/transport/connector.js'
import { hostOf } from './sshd.js'

const [port, key, runtime] = process.argv.slice(2)
const host = hostOf({ port: Number(port), keys: [key ?? ''], knownHosts: `${runtime}.known_hosts`, client: 'system' })
const environment = { PATH: process.env['PATH'], XDG_RUNTIME_DIR: runtime }
const connector = createConnector({ hosts: [host], agentSocket: undefined, environment })
const session = await connector.connect(host.name)
console.log('ready')
await session.request('own', { script: { parts: ['sleep 100'] }, within: 100_000 })
