// Where crictl finds containerd, so that it can be used without flags.
import { conf } from '../text/conf.js'
import { containerdSocket } from './containerd.js'
import type { Place } from './rendered.js'

export const crictlFile: Place = { path: '/etc/crictl.yaml', mode: 0o644 }

export const crictlConfig = conf`
  # Written by khactl: changes made here are replaced by the next khactl up.
  runtime-endpoint: unix://${containerdSocket}
  image-endpoint: unix://${containerdSocket}
`
