// What a check costs beside other engines that are asked about the same hundred rules: `npm run bench engines`. Each of
// them is used the fast way: rules loaded or parsed once, patterns compiled once where that is possible, nothing
// asynchronous. Nobody but us is measured with a cache of decisions; ours is measured without.

import { compileTable, Decider } from '@bulkhead/capability'
import cedar from '@cedar-policy/cedar-wasm/nodejs'
import { newEnforcer, newModelFromString, StringAdapter } from 'casbin'
import picomatch from 'picomatch'
import { medians, nsPerCall, printPair } from '../../../bench/pair.mjs'
import { fileRules, requests, specOf } from './hundred-rules.mjs'

const rules = fileRules(100)
const mask = requests.length - 1
const decider = new Decider(compileTable(specOf(rules)))
const ask = {
  ours: (request) => decider.decide(request).verdict === 'granted',
  casbin: await casbinOf(rules),
  cedar: cedarOf(rules),
  picomatch: (request) =>
    rules.some((rule) => rule.action === request.action && picomatch.isMatch(request.resource, rule.pattern)),
  compiled: compiledPicomatchOf(rules),
}
for (const request of requests.slice(0, 200)) {
  const answers = Object.values(ask).map((one) => one(request))
  if (new Set(answers).size !== 1) throw new Error(`${request.resource}: the engines disagree: ${answers.join()}`)
}

let sink = 0
// Each side goes on where it stopped, so that ours never meets a question that it still remembers.
const side = (calls, one) => {
  let at = 0
  return nsPerCall(calls, (count) => {
    for (let n = 0; n < count; n++) sink += one(requests[at++ & mask]) ? 1 : 2
  })
}
const cost = await medians(7, {
  ours: side(50_000, ask.ours),
  casbin: side(200, ask.casbin),
  cedar: side(200, ask.cedar),
  picomatch: side(500, ask.picomatch),
  compiled: side(20_000, ask.compiled),
})
const names = {
  casbin: 'casbin enforceSync, matchers compiled once',
  cedar: 'cedar-wasm, policies parsed once',
  picomatch: 'picomatch.isMatch, rule by rule',
}
for (const [engine, of] of Object.entries(names)) {
  printPair({
    name: `capability check, 100 rules, beside ${engine}`,
    ours: cost.ours,
    baseline: cost[engine],
    unit: 'ns',
    of,
    aim: { ratioMax: 1 / 20 },
  })
}
printPair({
  name: 'capability check, 100 rules, beside compiled picomatch',
  ours: cost.ours,
  baseline: cost.compiled,
  unit: 'ns',
  of: 'a loop over picomatch matchers compiled once',
})
if (sink === 0) process.exitCode = 1

async function casbinOf(grants) {
  const model = newModelFromString(`
[request_definition]
r = sub, act, obj
[policy_definition]
p = sub, act, obj
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.act == p.act && glob(r.obj, p.obj)
`)
  const lines = grants.map(({ action, pattern }) => `p, bench, ${action}, ${pattern}`)
  const enforcer = await newEnforcer(model, new StringAdapter(lines.join('\n')))
  const matchers = new Map(grants.map(({ pattern }) => [pattern, picomatch(pattern)]))
  enforcer.addFunction('glob', (path, pattern) => matchers.get(pattern)(path))
  return ({ action, resource }) => enforcer.enforceSync('bench', action, resource)
}

/** Its `like` knows `*` only, which crosses `/` and stands for classes too. */
function cedarOf(grants) {
  const staticPolicies = grants
    .map(({ action, pattern }) => {
      const like = JSON.stringify(pattern.replace(/\*\*/g, '*').replace(/\[[^\]]*\]/g, ''))
      return `permit(principal, action == Action::"${action}", resource) when { context.path like ${like} };`
    })
    .join('\n')
  const answer = cedar.preparsePolicySet('bench', { staticPolicies })
  if (answer.type !== 'success') throw new Error(JSON.stringify(answer))
  const principal = { type: 'Component', id: 'bench' }
  const resource = { type: 'File', id: 'any' }
  return (request) => {
    const decided = cedar.statefulIsAuthorized({
      principal,
      action: { type: 'Action', id: request.action },
      resource,
      context: { path: request.resource },
      preparsedPolicySetId: 'bench',
      entities: [],
    })
    return decided.response.decision === 'allow'
  }
}

function compiledPicomatchOf(grants) {
  const matchers = grants.map(({ action, pattern }) => ({ action, matches: picomatch(pattern) }))
  return ({ action, resource }) => matchers.some((one) => one.action === action && one.matches(resource))
}
