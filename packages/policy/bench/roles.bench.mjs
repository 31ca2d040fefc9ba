// What it costs to compile a role file of 1,000 rules for one child, beside casbin's own loading of it: `npm run bench roles`.
import { compileTable } from '@bulkhead/capability'
import { parseRoles, rolesFor } from '@bulkhead/policy'
import { newEnforcer, newModelFromString, StringAdapter } from 'casbin'
import { medians, printPair } from '../../../bench/pair.mjs'

const text = [
  ...Array.from({ length: 1_000 }, (_, n) => `p, role:r${n % 50}, filesystem:read, /data/set-${n}/**`),
  ...Array.from({ length: 49 }, (_, n) => `g, role:r${n}, role:r${n + 1}`).filter((_, n) => n % 10 !== 9),
  ...Array.from({ length: 5 }, (_, n) => `g, component:bench, role:r${n * 10}`),
].join('\n')
const model = `
[request_definition]
r = sub, act, obj
[policy_definition]
p = sub, act, obj
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = g(r.sub, p.sub) && r.act == p.act && r.obj == p.obj
`

let sink = 0
const msOf = (work) => async () => {
  const began = process.hrtime.bigint()
  await work()
  return Number(process.hrtime.bigint() - began) / 1e6
}
const ours = msOf(async () => {
  const roles = await rolesFor(parseRoles(text, { file: 'roles.csv' }), 'bench')
  const table = compileTable({
    version: 1,
    componentId: 'bench',
    forbidden: [],
    deny: [],
    layers: [],
    operator: [],
    roles,
  })
  sink += table.rules.length
})
const casbin = msOf(async () => {
  const enforcer = await newEnforcer(newModelFromString(model), new StringAdapter(text))
  sink += (await enforcer.getImplicitPermissionsForUser('component:bench')).length
})

const cost = await medians(7, { ours, casbin })
printPair({
  name: 'role file of 1,000 rules, read, resolved and compiled for one child',
  ours: cost.ours,
  baseline: cost.casbin,
  unit: 'ms',
  of: 'casbin loads and resolves it',
})
if (sink === 0) process.exitCode = 1
