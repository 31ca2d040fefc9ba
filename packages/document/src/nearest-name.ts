import { nearestNameCharactersMax } from './limits.js'

/**
 * The candidate that was most likely meant: the fewest insertions, deletions, replacements and swaps of neighbours away,
 * at most a third of the word. Upper and lower case do not count. `undefined` when nothing is near.
 *
 * @example
 * ```ts
 * nearestName('filesytem', ['network', 'filesystem']) // 'filesystem'
 * nearestName('colour', ['network', 'filesystem']) // undefined
 * ```
 */
export function nearestName(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > nearestNameCharactersMax) return undefined
  let nearest: string | undefined
  let nearestDistance = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    if (candidate.length > nearestNameCharactersMax) continue
    if (Math.abs(candidate.length - word.length) >= nearestDistance) continue
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < nearestDistance && distance < candidate.length) {
      nearest = candidate
      nearestDistance = distance
    }
  }
  return nearest
}

/** The optimal string alignment distance, three rows at a time. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1]
      const replaced = at(last, column - 1) + (same ? 0 : 1)
      let cost = Math.min(at(last, column) + 1, at(current, column - 1) + 1, replaced)
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      if (swapped) cost = Math.min(cost, at(beforeLast, column - 2) + 1)
      current.push(cost)
    }
    beforeLast = last
    last = current
  }
  return at(last, to.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY
}
