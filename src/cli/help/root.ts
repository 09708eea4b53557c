// Below the options of khactl --help.
import { exitCodes, type ExitClass } from '../../model/error.js'
import { examples, exits } from './words.js'

export const rootHelp = [
  examples([
    ['khactl init --vip 10.0.0.10 …', 'begin: writes inventory.yaml'],
    ['khactl validate', 'every mistake in it, with its remedy'],
    ['khactl plan', 'what would change, on every host'],
    ['khactl up', 'shows the plan, asks, does it'],
  ]),
  'up may be run again at any time: after a failure it goes on, and when nothing is\nleft to do it changes nothing.',
  exits(Object.keys(exitCodes) as ExitClass[]),
  'khactl COMMAND --help explains a command.',
].join('\n\n')
