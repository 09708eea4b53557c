// Many host names said briefly: `haproxy-1, haproxy-2`, `worker-[1-5]`.

interface Numbered {
  readonly stem: string
  readonly digits: string
  readonly tail: string
}

/** Three or more names that only count up are folded; order and width of the numbers are kept. */
export const foldNames = (names: readonly string[]): string => {
  const folded: string[] = []
  for (let index = 0; index < names.length;) {
    const length = runLength(names, index)
    const first = names[index] ?? ''
    const last = names[index + length - 1] ?? ''
    if (length >= 3) folded.push(range(split(first), split(last)))
    else folded.push(...names.slice(index, index + length))
    index += length
  }
  return folded.join(', ')
}

/** `all 7 hosts` where everyone is meant, else the folded names. */
export const sayHosts = (names: readonly string[], all: readonly string[]): string =>
  names.length === all.length && names.length > 2 && names.every((name) => all.includes(name))
    ? `all ${names.length} hosts`
    : foldNames(names)

const runLength = (names: readonly string[], from: number): number => {
  let length = 1
  while (follows(names[from + length - 1], names[from + length])) length += 1
  return length
}

const follows = (one: string | undefined, next: string | undefined): boolean => {
  if (one === undefined || next === undefined) return false
  const [a, b] = [split(one), split(next)]
  if (!a || !b || a.stem !== b.stem || a.tail !== b.tail || Number(b.digits) !== Number(a.digits) + 1) return false
  const padded = a.digits.startsWith('0') || b.digits.startsWith('0')
  return !padded || a.digits.length === b.digits.length
}

/** The last number of the first label: `node-07.example.org` counts by 07. */
const split = (name: string): Numbered | null => {
  const dot = name.indexOf('.')
  const [label, rest] = dot < 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot)]
  const found = /^(.*?)(\d{1,9})(\D*)$/.exec(label)
  return found ? { stem: found[1] ?? '', digits: found[2] ?? '', tail: `${found[3] ?? ''}${rest}` } : null
}

const range = (first: Numbered | null, last: Numbered | null): string =>
  `${first?.stem ?? ''}[${first?.digits ?? ''}-${last?.digits ?? ''}]${first?.tail ?? ''}`
