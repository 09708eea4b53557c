// Did you mean …? The known word nearest to a mistyped one.

/** The nearest of the known words; null when none is near enough to be worth a guess. */
export const suggest = (word: string, known: Iterable<string>): string | null => {
  const wanted = plain(word)
  let best: { readonly word: string; readonly distance: number } | null = null
  for (const candidate of known) {
    const distance = editDistance(wanted, plain(candidate))
    if (distance < (best?.distance ?? Infinity)) best = { word: candidate, distance }
  }
  return best !== null && best.distance <= Math.max(1, Math.floor(wanted.length / 3)) ? best.word : null
}

/** `pod_subnet`, `PodSubnet` and `pod-subnet` are podSubnet misspelt by nothing. */
const plain = (word: string): string => word.toLowerCase().replace(/[-_. ]/g, '')

/** Damerau-Levenshtein (optimal string alignment): a swap of neighbours costs one. */
const editDistance = (a: string, b: string): number => {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      const swap =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? 0) + 1 : Infinity
      row.push(Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost, swap))
    }
    before = last
    last = row
  }
  return last[b.length] ?? 0
}
