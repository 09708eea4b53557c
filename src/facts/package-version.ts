// Versions of deb and rpm packages: what part of one is upstream's, and which of two is newer. Pure.

/** `0:1.20.2-00` → `1.20.2`, `1.6.20~ds1-1+b1` → `1.6.20~ds1`. */
export const upstreamVersion = (version: string): string => withoutEpoch(version).replace(/-[^-]*$/, '')

const withoutEpoch = (version: string): string => version.replace(/^\d+:/, '')

/** Whether a package's version is the wanted one: the same text, with or without epoch, or the same upstream version. */
export const isVersion = (version: string, wanted: string): boolean =>
  [version, withoutEpoch(version), upstreamVersion(version)].includes(wanted.replace(/^0:/, ''))

/** Below zero: `left` is older. As dpkg compares (deb-version(7)); rpm agrees on what is met in practice. */
export const compareVersions = (left: string, right: string): number => {
  const [a, b] = [split(left), split(right)]
  return a.epoch - b.epoch || compareParts(a.upstream, b.upstream) || compareParts(a.revision, b.revision)
}

const split = (version: string) => {
  const [, epoch = '0', rest = ''] = /^(?:(\d+):)?(.*)$/.exec(version) ?? []
  const at = rest.lastIndexOf('-')
  return {
    epoch: Number(epoch),
    upstream: at === -1 ? rest : rest.slice(0, at),
    revision: at === -1 ? '' : rest.slice(at + 1),
  }
}

const compareParts = (left: string, right: string): number => {
  const pieces = (text: string) => text.match(/\d+|\D+/g) ?? []
  const [a, b] = [pieces(left), pieces(right)]
  // Text and digits alternate, text first: an absent piece is an empty one.
  const [x, y] = [/^\d/.test(left) ? ['', ...a] : a, /^\d/.test(right) ? ['', ...b] : b]
  for (let at = 0; at < Math.max(x.length, y.length); at += 1) {
    const [one, other] = [x[at] ?? '', y[at] ?? '']
    const order = at % 2 === 1 ? Number(one || 0) - Number(other || 0) : compareText(one, other)
    if (order !== 0) return order
  }
  return 0
}

/** `~` sorts before the end, letters before everything else. */
const compareText = (left: string, right: string): number => {
  const weight = (char: string | undefined) => {
    if (char === '~') return -1
    if (char === undefined) return 0
    return /[A-Za-z]/.test(char) ? char.charCodeAt(0) : char.charCodeAt(0) + 256
  }
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const order = weight(left[at]) - weight(right[at])
    if (order !== 0) return order
  }
  return 0
}
