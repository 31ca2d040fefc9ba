/** 0.253 → `0.25 ms`, 301.4 → `301 ms`, 2400 → `2.4 s`. */
export function duration(ms) {
  if (ms < 10) return `${ms.toFixed(2)} ms`
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}
