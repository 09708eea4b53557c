// Files that say that khactl began to make a host a member; gone once it is one.
import type { Command } from '../../model/command.js'
import { markerPath } from '../../facts/kubernetes/remains.js'
import { sh } from '../../text/sh.js'

export const writeMarker = (of: 'init' | 'join', cluster: string): Command =>
  sh`mkdir -p /etc/kubernetes && umask 077 && printf 'cluster=%s\nrun=%s\n' ${cluster} "$(date -u +%Y%m%dT%H%M%SZ)" >${markerPath[of]}`

export const removeMarker = (of: 'init' | 'join'): Command => sh`rm -f ${markerPath[of]}`
