// What a check costs beside one `Map.get` of the same string: `npm run bench capability`.
import { compileTable, Decider } from '@bulkhead/capability'
import { medians, nsPerCall, printPair } from '../../../bench/pair.mjs'

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

const calls = 100_000
const cost = await medians(15, {
  uncached: nsPerCall(calls, uncached),
  getCold: nsPerCall(calls, getCold),
  repeated: nsPerCall(calls, repeated),
  getHot: nsPerCall(calls, getHot),
})
const of = 'Map.get of the same path'
printPair({
  name: 'capability check, 100 patterns, uncached',
  ours: cost.uncached,
  baseline: cost.getCold,
  unit: 'ns',
  of,
  aim: { oursMax: 1000 },
})
printPair({
  name: 'capability check, 100 patterns, repeated',
  ours: cost.repeated,
  baseline: cost.getHot,
  unit: 'ns',
  of,
  aim: { oursMax: 250 },
})
if (sink === 0) process.exitCode = 1
