/**
 * Wildcard matching without backtracking into earlier wildcards: on a mismatch only the last `*` takes one letter more.
 * That is enough, because the leftmost place of what stands between two wildcards is never worse than a later one. Cost
 * is at most `patternLength × inputLength` questions, whatever the pattern.
 *
 * The letters are whatever the caller says: characters, path segments, or the parts of another pattern. Used where a
 * pattern is compared with a pattern; the matchers of candidates spell the same loop out because they are on the hot path.
 */
export function wildcardMatch(
  patternLength: number,
  inputLength: number,
  isWildcard: (patternIndex: number) => boolean,
  accepts: (patternIndex: number, inputIndex: number) => boolean,
): boolean {
  let pattern = 0
  let input = 0
  let wildcard = -1
  let retry = 0
  while (input < inputLength) {
    if (pattern < patternLength && isWildcard(pattern)) {
      wildcard = pattern++
      retry = input
    } else if (pattern < patternLength && accepts(pattern, input)) {
      pattern++
      input++
    } else if (wildcard !== -1) {
      pattern = wildcard + 1
      input = ++retry
    } else {
      return false
    }
  }
  while (pattern < patternLength && isWildcard(pattern)) pattern++
  return pattern === patternLength
}
