// What it costs to compile a policy of a thousand rules, and how much memory the tables of ten thousand components take:
// `npm run bench compile`. Run with `--expose-gc`.

import { compileTable, Decider } from '@bulkhead/capability'
import cedar from '@cedar-policy/cedar-wasm/nodejs'
import picomatch from 'picomatch'
import { median, medians, printPair } from '../../../bench/pair.mjs'
import { fileRules, origin, specOf } from './hundred-rules.mjs'

const thousand = fileRules(1000)
const spec = specOf(thousand)
const text = JSON.stringify(spec)
const staticPolicies = thousand
  .map(({ action, pattern }) => {
    const like = JSON.stringify(pattern.replace(/\*\*/g, '*').replace(/\[[^\]]*\]/g, ''))
    return `permit(principal, action == Action::"${action}", resource) when { context.path like ${like} };`
  })
  .join('\n')

let sink = 0
const milliseconds = (work) => () => {
  const began = process.hrtime.bigint()
  sink += work()
  return Number(process.hrtime.bigint() - began) / 1e6
}
const cost = await medians(9, {
  compile: milliseconds(() => compileTable(spec).rules.length),
  parse: milliseconds(() => JSON.parse(text).layers.length),
  picomatch: milliseconds(() => thousand.map(({ pattern }) => picomatch(pattern)).length),
  cedar: milliseconds(() => (cedar.preparsePolicySet('thousand', { staticPolicies }).type === 'success' ? 1 : 0)),
})
for (const [baseline, of] of [
  ['parse', 'JSON.parse of the same rules'],
  ['picomatch', 'picomatch of each pattern'],
  ['cedar', 'cedar-wasm, parsing the same rules'],
]) {
  printPair({
    name: `compile 1,000 rules beside ${baseline}`,
    ours: cost.compile,
    baseline: cost[baseline],
    unit: 'ms',
    of,
  })
}

const components = 10_000
const small = JSON.stringify(typicalSpec())
const specs = memoryOf(() => JSON.parse(small))
const tables = memoryOf(() => compileTable(typicalSpec()))
const deciders = memoryOf(() => new Decider(compileTable(typicalSpec())))
const of = '10,000 such specifications, parsed from JSON'
printPair({ name: '10,000 compiled tables, 12 rules each', ours: tables, baseline: specs, unit: 'MiB', of })
printPair({ name: '10,000 compiled tables with a decider each', ours: deciders, baseline: specs, unit: 'MiB', of })
if (sink === 0) process.exitCode = 1

/** What a small component has: a manifest and a policy of five rules each, and two rules that refuse. */
function typicalSpec() {
  const grants = [
    ...['/data/in/**', '/app/**'].map((pattern) => ({ kind: 'filesystem', action: 'read', pattern, origin })),
    { kind: 'messaging', action: 'publish', pattern: 'orders.*', origin },
    { kind: 'storage', action: 'read', pattern: 'self:*', origin },
    { kind: 'network', action: 'connect', pattern: 'https://api.example.com', origin },
  ]
  const layers = ['manifest', 'policy'].map((layer) => ({ layer, grants }))
  const deny = [{ kind: 'filesystem', action: 'read', pattern: '/data/in/secret/**', origin }]
  const forbidden = [{ kind: 'filesystem', action: 'read', pattern: '/etc/shadow', origin }]
  return { version: 1, componentId: 'bench', forbidden, deny, layers, operator: [] }
}

/** MiB that ten thousand of them keep; the median of three times. */
function memoryOf(make) {
  return median(
    [0, 1, 2].map(() => {
      const before = heap()
      const made = Array.from({ length: components }, make)
      const after = heap()
      sink += made.length
      return (after - before) / 2 ** 20
    }),
  )
}

function heap() {
  globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
