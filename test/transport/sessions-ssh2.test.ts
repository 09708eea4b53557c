// The common suite with khactl's own client.
import { sessionSuite } from './sessions.js'

sessionSuite('ssh2')
