// How something grows: the exponent of a power law, by least squares on logarithms.

export const exponentOf = (points: readonly (readonly [number, number])[]): number => {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const)
  const mean = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0) / numbers.length
  const [x0, y0] = [mean(logs.map(([x]) => x)), mean(logs.map(([, y]) => y))]
  const over = logs.reduce((sum, [x, y]) => sum + (x - x0) * (y - y0), 0)
  return over / logs.reduce((sum, [x]) => sum + (x - x0) ** 2, 0)
}
