// The common suite with the ssh program of this machine.
import { sessionSuite } from './sessions.js'

sessionSuite('system')
