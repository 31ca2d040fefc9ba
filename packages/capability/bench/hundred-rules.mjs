// The hundred rules that every engine is asked about, and the questions. Written so that all engines mean the same by
// them: the benchmarks check that before they measure.

export const origin = { document: 'bench', line: 1 }

const shapes = [
  (n) => `/data/set-${n}/**`,
  (n) => `/srv/app-${n}/*/logs/*.log`,
  (n) => `/home/user-${n}/file.txt`,
  (n) => `/opt/**/release-${n}/[a-z]*.bin`,
]

/** @param {number} count @returns {import('@bulkhead/capability').Grant[]} */
export function fileRules(count) {
  return Array.from({ length: count }, (_, n) => ({
    kind: 'filesystem',
    action: n % 3 === 0 ? 'write' : 'read',
    pattern: shapes[n % shapes.length](n),
    origin,
  }))
}

/** A table of nothing but these rules. */
export function specOf(grants) {
  const layers = [{ layer: 'manifest', grants }]
  return { version: 1, componentId: 'bench', forbidden: [], deny: [], layers, operator: [] }
}

/**
 * Questions of which a third is refused. More of them than a decider remembers, so that in turn each of them is new to it.
 */
export const distinct = 16_384
export const requests = Array.from({ length: distinct }, (_, n) => ({
  kind: 'filesystem',
  action: 'read',
  resource: `/data/set-${(n % 25) * 4}/in/${n}.csv`,
}))
