/** Stands for any number of things, none too. */
export const rest: unique symbol = Symbol('rest')

/** One place of a pattern: exactly one thing, or `rest`. */
export type Token<Thing> = Thing | typeof rest

/**
 * Whether one sequence of things fits both patterns. `meet` says whether two single places can be the same thing. Costs
 * at most the product of both lengths.
 */
export function sequencesOverlap<Thing>(
  left: readonly Token<Thing>[],
  right: readonly Token<Thing>[],
  meet: (left: Thing, right: Thing) => boolean,
): boolean {
  // `fits[r]`: some sequence fits the places of the left seen so far and the first `r` of the right.
  let fits: boolean[] = [true]
  for (const [r, other] of right.entries()) fits[r + 1] = other === rest && fits[r] === true
  for (const one of left) {
    const next: boolean[] = [one === rest && fits[0] === true]
    for (const [r, other] of right.entries()) {
      next[r + 1] =
        one === rest || other === rest ? fits[r + 1] === true || next[r] === true : fits[r] === true && meet(one, other)
    }
    fits = next
  }
  return fits[right.length] === true
}
