// What a check costs beside one `Map.get` of the same string in the same run: `node packages/capability/bench/check.bench.mjs` after a build.
// Prints one JSON line a pair. Both sides are measured several times in turn and the fastest round of each counts.
import { compileTable, Decider } from '@bulkhead/capability'

const origin = { document: 'bench', line: 1 }
const shapes = [
  (n) => `/data/set-${n}/**`,
  (n) => `/srv/app-${n}/*/logs/*.log`,
  (n) => `/home/user-${n}/file.txt`,
  (n) => `/opt/**/release-${n}/[a-z]*.bin`,
]
const grants = Array.from({ length: 100 }, (_, n) => ({
  kind: 'filesystem',
  action: n % 3 === 0 ? 'write' : 'read',
  pattern: shapes[n % shapes.length](n),
  origin,
}))
const forbidden = ['/etc/shadow', '/proc/**', '/root/.ssh/**', '/home/*/.ssh/id_*'].map((pattern) => ({
  kind: 'filesystem',
  action: 'read',
  pattern,
  origin,
}))
const table = compileTable({
  version: 1,
  componentId: 'bench',
  forbidden,
  deny: [{ kind: 'filesystem', action: 'read', pattern: '/data/*/secret/**', origin }],
  layers: [{ layer: 'manifest', grants }],
  operator: [],
})

// More than a decider remembers, so that in turn each of them is new to it.
const distinct = 16_384
const paths = Array.from({ length: distinct }, (_, n) => `/data/set-${(n % 25) * 4}/in/${n}.csv`)
const requests = paths.map((resource) => ({
  kind: 'filesystem',
  action: 'read',
  resource,
  hostPath: `/mnt${resource}`,
}))
const map = new Map(paths.map((path, n) => [path, n]))
const hot = requests.slice(0, 64)

/** Nanoseconds a call, the fastest of `rounds`. */
function measure(rounds, calls, run) {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const start = process.hrtime.bigint()
    run(calls)
    best = Math.min(best, Number(process.hrtime.bigint() - start) / calls)
  }
  return best
}

let sink = 0
const decider = new Decider(table)
const uncached = (calls) => {
  for (let n = 0; n < calls; n++) sink += decider.decide(requests[n & (distinct - 1)]).verdict.length
}
const repeated = (calls) => {
  for (let n = 0; n < calls; n++) sink += decider.decide(hot[n & 63]).verdict.length
}
const getCold = (calls) => {
  for (let n = 0; n < calls; n++) sink += map.get(paths[n & (distinct - 1)])
}
const getHot = (calls) => {
  for (let n = 0; n < calls; n++) sink += map.get(paths[n & 63])
}

const pairs = [
  ['capability check, 100 patterns, uncached', uncached, getCold],
  ['capability check, 100 patterns, repeated', repeated, getHot],
]
for (const [name, ours, baseline] of pairs) {
  ours(200_000)
  baseline(200_000)
  const oursNs = measure(9, 100_000, ours)
  const baselineNs = measure(9, 100_000, baseline)
  console.log(
    JSON.stringify({
      name,
      ours: Math.round(oursNs),
      baseline: Math.round(baselineNs),
      unit: 'ns',
      ratio: Number((oursNs / baselineNs).toFixed(1)),
    }),
  )
}
if (sink === 0) process.exitCode = 1
