// How every benchmark of the house measures and what it prints. Only ratios inside one run mean anything, so the sides of
// a pair take turns (A B A B …): a busy moment of the machine meets both. The median round of each side counts.
//
// INVARIANT (smaller is better): every figure is a cost (time, memory), and a ratio is always ours ÷ baseline. "Ten times
// faster" is a ratio of 0.1.

/**
 * Runs the sides in turn and returns the median of each. A side is a function that does its work once and returns what
 * that cost. One more round comes first and is not counted.
 *
 * @template {string} Name
 * @param {number} rounds
 * @param {Record<Name, () => number | Promise<number>>} sides
 * @returns {Promise<Record<Name, number>>}
 */
export async function medians(rounds, sides) {
  const names = /** @type {Name[]} */ (Object.keys(sides))
  const costs = new Map(names.map((name) => [name, /** @type {number[]} */ ([])]))
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const cost = await sides[name]()
      if (round > 0) costs.get(name)?.push(cost)
    }
  }
  return /** @type {Record<Name, number>} */ (
    Object.fromEntries([...costs].map(([name, values]) => [name, median(values)]))
  )
}

/** @param {readonly number[]} values at least one */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? Number(sorted[middle]) : (Number(sorted[middle - 1]) + Number(sorted[middle])) / 2
}

/**
 * Nanoseconds a call of a synchronous loop, as a side for `medians`.
 *
 * @param {number} calls
 * @param {(calls: number) => void} loop
 */
export function nsPerCall(calls, loop) {
  return () => {
    const began = process.hrtime.bigint()
    loop(calls)
    return Number(process.hrtime.bigint() - began) / calls
  }
}

/**
 * Prints one pair as a JSON line. `of` says what the baseline is; an aim bounds the ratio (`ratioMax`) or our own figure
 * (`oursMax`, in `unit`).
 *
 * @param {{ name: string, ours: number, baseline: number, unit: 'ns' | 'ms' | 'MiB', of: string,
 *   aim?: { ratioMax: number } | { oursMax: number } }} pair
 */
export function printPair({ name, ours, baseline, unit, of, aim }) {
  const ratio = ours / baseline
  const line = { name, ours: rounded(ours), baseline: rounded(baseline), unit, ratio: rounded(ratio), of }
  console.log(JSON.stringify(aim === undefined ? line : { ...line, ...judged(aim, ours, ratio, unit) }))
}

/** @param {{ ratioMax: number } | { oursMax: number }} aim @param {number} ours @param {number} ratio @param {string} unit */
function judged(aim, ours, ratio, unit) {
  if ('ratioMax' in aim) return { aim: `ratio ≤ ${rounded(aim.ratioMax)}`, met: ratio <= aim.ratioMax }
  return { aim: `≤ ${aim.oursMax} ${unit}`, met: ours <= aim.oursMax }
}

/** @param {number} value */
function rounded(value) {
  return Number(value.toPrecision(3))
}
