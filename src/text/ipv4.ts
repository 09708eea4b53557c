// IPv4 addresses and subnets by strict rules: four decimal parts, no leading zeros (inet_aton reads 010.0.0.1 as 8.0.0.1).

export interface Subnet {
  /** First address as a number. */
  readonly first: number
  readonly last: number
  readonly prefix: number
}

/** The address as a number; null: not an IPv4 address. */
export const parseIPv4 = (text: string): number | null => {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return null
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0)
}

export const formatIPv4 = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')

/** `10.0.0.0/8`; the address may lie anywhere in the subnet. null: not a subnet. */
export const parseSubnet = (text: string): Subnet | null => {
  const [address, bits, ...rest] = text.split('/')
  const number = parseIPv4(address ?? '')
  if (number === null || bits === undefined || rest.length > 0 || !/^(0|[1-9]\d?)$/.test(bits) || Number(bits) > 32) {
    return null
  }
  return subnetAround(number, Number(bits))
}

export const subnetAround = (address: number, prefix: number): Subnet => {
  const size = 2 ** (32 - prefix)
  const first = Math.floor(address / size) * size
  return { first, last: first + size - 1, prefix }
}

export const formatSubnet = (subnet: Subnet): string => `${formatIPv4(subnet.first)}/${subnet.prefix}`

export const overlaps = (a: Subnet, b: Subnet): boolean => a.first <= b.last && b.first <= a.last

export const contains = (subnet: Subnet, address: number): boolean => subnet.first <= address && address <= subnet.last
