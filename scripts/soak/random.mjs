/** Numbers that a seed repeats (mulberry32). @param {number} seed */
export function randomFrom(seed) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let value = Math.imul(state ^ (state >>> 15), state | 1)
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    /** From 0 up to, not including, `end`. @param {number} end */
    below: (end) => Math.floor(next() * end),
    /** @template T @param {readonly T[]} values at least one @returns {T} */
    oneOf: (values) => /** @type {T} */ (values[Math.floor(next() * values.length)]),
    /** @param {number} probability */
    chance: (probability) => next() < probability,
  }
}
