// What a recommendation costs beside one pass that only counts distinct names: `npm run bench recommend`.
import { recommend } from '@bulkhead/policy'
import { medians, printPair } from '../../../bench/pair.mjs'

const origin = { document: 'bench', line: 1 }
const actions = ['read', 'read', 'read', 'write']
const accesses = Array.from({ length: 100_000 }, (_, n) => ({
  kind: 'filesystem',
  action: actions[n % actions.length],
  resource: `/data/set-${n % 200}/2024-01-${10 + (n % 17)}/part-${n % 1000}.csv`,
  verdict: 'granted',
  layer: 'manifest',
  count: 1 + (n % 3),
  time: 1_700_000_000_000 + n * 1000,
}))
const present = {
  allow: ['read', 'write'].map((action) => ({ kind: 'filesystem', action, pattern: '/data/**', origin })),
}

let sink = 0
const msOf = (work) => () => {
  const began = process.hrtime.bigint()
  work()
  return Number(process.hrtime.bigint() - began) / 1e6
}
const count = msOf(() => {
  const seen = new Map()
  for (const { kind, action, resource } of accesses) {
    const key = `${kind} ${action} ${resource}`
    seen.set(key, (seen.get(key) ?? 0) + 1)
  }
  sink += seen.size
})
const at = (generalise) =>
  msOf(() => {
    sink += recommend({ componentId: 'bench', accesses, present, generalise }).lines.length
  })

const cost = await medians(5, { count, none: at('none'), directories: at('directories') })
for (const level of ['none', 'directories']) {
  printPair({
    name: `recommend from 100,000 records, generalise ${level}`,
    ours: cost[level],
    baseline: cost.count,
    unit: 'ms',
    of: 'a Map that counts the same names',
  })
}
if (sink === 0) process.exitCode = 1
