// The VRRP virtual router id of a cluster that gives none: the same on every machine, different for most clusters (R-L3).
import { createHash } from 'node:crypto'

/** 1..255 from cluster name and virtual IP. */
export const derivedRouterId = ({ name, vip }: { readonly name: string; readonly vip: string }): number =>
  (createHash('sha256').update(`${name}\n${vip}`).digest().readUInt32BE(0) % 255) + 1
