// Whether an IPv4 address lies in a subnet. Both were checked when the inventory was read, or come from the kernel.

export const inSubnet = (address: string, subnet: string): boolean => {
  const [base = '', prefix] = subnet.split('/')
  const size = 2 ** (32 - Number(prefix))
  return Math.floor(numberOf(address) / size) === Math.floor(numberOf(base) / size)
}

const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
