// From documents to a decision: parse and compile of a typical manifest beside the bare reading of its TOML, the join of
// 1,000 rules beside a Map of them, and what a denial costs the host to explain: `npm run bench security-context`.
import { readToml } from '@bulkhead/document'
import { parseManifest } from '@bulkhead/manifest'
import { defaultForbidden } from '@bulkhead/policy'
import { contextLimits, explainContext, joinContext, missingRequirements, remedyFor } from '@bulkhead/security-context'
import { medians, printPair } from '../../../bench/pair.mjs'

const typical = `[component]
id = "ingest"
version = "1.2.0"
description = "Reads drops, publishes orders"
kind = "actor"

[capabilities]
filesystem.read = ["/data/in/**", "/etc/ingest/*.toml"]
filesystem.delete = ["/data/in/**"]
filesystem.write = ["/data/out/**"]
messaging.publish = ["orders.*"]
storage.read = ["self:*"]
storage.write = ["self:*"]
network.connect = [{ pattern = "https://api.example.com", optional = true, why = "currency rates" }]
environment.read = [{ pattern = "INGEST_*", optional = true }]

[quotas]
memory = "64MiB"
deadline = "30s"
`

const origin = { document: 'bench' }
const rules = Array.from({ length: 1000 }, (_, n) => ({
  kind: 'filesystem',
  action: n % 3 === 0 ? 'write' : 'read',
  pattern: `/data/tenant-${n % 50}/area-${n}/${n % 2 === 0 ? '**' : '*.csv'}`,
  origin,
}))

const partsOf = (grants, policy) => ({
  principal: 'component:ingest',
  componentId: 'ingest',
  policyVersion: 1,
  layers: [{ layer: 'manifest', grants }],
  approval: grants,
  ...(policy === undefined ? {} : { policy }),
  operator: [],
  deny: [],
  forbidden: defaultForbidden,
  ownDirectories: [],
  mounts: [],
  args: [],
  environment: [],
  limits: contextLimits(1, undefined),
})

const large = joinContext(partsOf(rules, rules))
const denied = { kind: 'filesystem', action: 'read', resource: '/data/none', layer: 'mount' }

const msPerCall = (calls, work) => () => {
  const began = performance.now()
  for (let n = 0; n < calls; n++) work(n)
  return (performance.now() - began) / calls
}

const cost = await medians(9, {
  typical: msPerCall(100, (n) => {
    joinContext(partsOf(parseManifest(`${typical}# ${n}\n`, { file: 'Component.toml' }).capabilities))
  }),
  toml: msPerCall(100, (n) => readToml(`${typical}# ${n}\n`, { file: 'Component.toml' })),
  thousand: msPerCall(3, () => joinContext(partsOf(rules, rules))),
  map: msPerCall(
    3,
    () => new Map([...rules, ...rules, ...rules].map((rule) => [`${rule.action} ${rule.pattern}`, rule])),
  ),
  remedy: msPerCall(50, () => remedyFor(denied, large, { child: 'ingest' })),
  missing: msPerCall(1, () => missingRequirements(large, { child: 'ingest' })),
  report: msPerCall(1, () => explainContext(large, { child: 'ingest' })),
})

const pair = (name, ours, baseline, of, aim) =>
  printPair({ name, ours, baseline, unit: 'ms', of, ...(aim === undefined ? {} : { aim }) })
pair('parse and compile a typical manifest', cost.typical, cost.toml, 'its TOML read alone, without positions', {
  oursMax: 1,
})
pair('join three layers of 1,000 rules', cost.thousand, cost.map, 'a Map of the same rules')
pair('remedy of one denial, 1,000 rules', cost.remedy, cost.thousand, 'that join')
pair('what a component lacks, 1,000 required', cost.missing, cost.thousand, 'that join')
pair('the whole report, 1,000 rules', cost.report, cost.thousand, 'that join')
