// Work that is done piece by piece, for whoever has other things to do in between.

/** To its end, without a break. */
export const toTheEnd = <T>(work: Iterator<unknown, T>): T => {
  for (;;) {
    const piece = work.next()
    if (piece.done === true) return piece.value
  }
}
