// What tells one stand-in from another: the model host's values in a question and its answer, for each host its own.

export interface Standing {
  readonly name: string
  /** Where its SSH server listens, on this machine. */
  readonly address: string
  /** What it is called by in the cluster. */
  readonly nodeIP: string
  readonly mac: string
  readonly machineId: string
}

/** The one behind all: what a real sh of this machine says of itself, in the namespaces of bench/width/world.sh. */
export const model: Standing = {
  name: 'standing-model',
  address: '127.77.255.1',
  nodeIP: '10.77.255.1',
  mac: '02:77:00:00:ff:01',
  machineId: 'a'.repeat(32),
}

/** Random in each question, so that no answer can be taken for another's. */
const nonce = /khactl-[0-9a-f]{24}/g
const place = (index: number): string => `khactl-nonce-${String(index).padStart(18, '0')}`

export const modelOf = (
  script: string,
  host: Standing,
): { readonly text: string; readonly nonces: readonly string[] } => {
  const nonces: string[] = []
  const text = script.replace(nonce, (found) => {
    if (!nonces.includes(found)) nonces.push(found)
    return place(nonces.indexOf(found))
  })
  return {
    text: swap(text, [
      [host.name, model.name],
      [host.nodeIP, model.nodeIP],
    ]),
    nonces,
  }
}

export const asOf = (
  said: Buffer,
  { host, nonces, at }: { readonly host: Standing; readonly nonces: readonly string[]; readonly at: number },
): Buffer => {
  if (said.length === 0) return said
  // Its clock goes on: milliseconds since 1970 that are the moment of the answer are those of now.
  const now = (found: string): string => (Math.abs(Number(found) - at) < 60_000 ? String(Date.now()) : found)
  const values = [
    ...nonces.map((one, index) => [place(index), one] as const),
    [model.name, host.name],
    [model.nodeIP, host.nodeIP],
    [model.mac, host.mac],
    [model.machineId, host.machineId],
  ] as const
  return Buffer.from(swap(said.toString('latin1').replaceAll(/\b\d{13}\b/g, now), values), 'latin1')
}

const swap = (text: string, pairs: readonly (readonly [string, string])[]): string =>
  pairs.reduce(
    (so, [from, to]) => so.replaceAll(new RegExp(`(?<![\\w-])${from.replaceAll('.', '\\.')}(?![\\w-])`, 'g'), to),
    text,
  )
