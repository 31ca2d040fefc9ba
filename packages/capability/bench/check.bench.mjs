// What a check costs beside one `Map.get` of the same string, and what limits and roles add: `npm run bench capability`.
import { compileTable, Decider } from '@bulkhead/capability'
import { medians, nsPerCall, printPair } from '../../../bench/pair.mjs'
import { distinct, fileRules, origin, requests as questions, specOf } from './hundred-rules.mjs'

const grants = fileRules(100)
const spec = {
  ...specOf(grants),
  forbidden: ['/etc/shadow', '/proc/**', '/root/.ssh/**', '/home/*/.ssh/id_*'].map((pattern) => ({
    kind: 'filesystem',
    action: 'read',
    pattern,
    origin,
  })),
  deny: [{ kind: 'filesystem', action: 'read', pattern: '/data/*/secret/**', origin }],
}
// Written out, because a clone by `...` is read slower, and this is not about that.
const requests = questions.map(({ kind, action, resource }) => ({
  kind,
  action,
  resource,
  hostPath: `/mnt${resource}`,
}))
const paths = requests.map(({ resource }) => resource)
const map = new Map(paths.map((path, n) => [path, n]))
const hot = requests.slice(0, 64)

let sink = 0
const checking = (decider, asked) => (calls) => {
  for (let n = 0; n < calls; n++) sink += decider.decide(asked[n & (asked.length - 1)]).verdict.length
}
const getting = (asked) => (calls) => {
  for (let n = 0; n < calls; n++) sink += map.get(paths[n & (asked - 1)])
}

const decider = new Decider(compileTable(spec))
const limited = grants.map((rule) => (rule.action === 'write' ? { ...rule, limits: { maxFileSizeBytes: 1 } } : rule))
const withLimits = new Decider(compileTable({ ...spec, layers: specOf(limited).layers }))
const withRoles = new Decider(compileTable({ ...spec, roles: { allow: grants, deny: spec.deny } }))

const calls = 100_000
const cost = await medians(15, {
  uncached: nsPerCall(calls, checking(decider, requests)),
  getCold: nsPerCall(calls, getting(distinct)),
  repeated: nsPerCall(calls, checking(decider, hot)),
  getHot: nsPerCall(calls, getting(hot.length)),
})
const of = 'Map.get of the same path'
const unit = 'ns'
printPair({
  name: 'capability check, 100 patterns, uncached',
  ours: cost.uncached,
  baseline: cost.getCold,
  unit,
  of,
  aim: { oursMax: 1000 },
})
printPair({
  name: 'capability check, 100 patterns, repeated',
  ours: cost.repeated,
  baseline: cost.getHot,
  unit,
  of,
  aim: { oursMax: 250 },
})
const more = await medians(7, {
  plain: nsPerCall(calls, checking(decider, requests)),
  limited: nsPerCall(calls, checking(withLimits, requests)),
  asked: nsPerCall(calls, checking(withRoles, requests)),
})
printPair({
  name: 'capability check with limits, uncached',
  ours: more.limited,
  baseline: more.plain,
  unit,
  of: 'the same check without limits',
})
printPair({
  name: 'capability check with 100 rules of roles, uncached',
  ours: more.asked,
  baseline: more.plain,
  unit,
  of: 'the same check without roles',
})
if (sink === 0) process.exitCode = 1
