// A host application with three plug-ins. It looks at what each asks for, lets it in, and runs it until all have ended.
import { fileURLToPath } from 'node:url'
import { createRuntime } from 'bulkhead'
import { buildExample } from './build.mjs'
import { interfaces, kinds } from './interfaces.mjs'

await buildExample()

/** @param {string} line */
const print = (line) => void console.log(line)
const runtime = await createRuntime({
  tree: fileURLToPath(new URL('./bulkhead.toml', import.meta.url)),
  interfaces: interfaces(print),
  kinds,
  onHealth: ({ type, child, reason }) => {
    if (type === 'child.exited') print(`ended    ${child}: ${reason}`)
  },
  onDenied: ({ child, kind, action, resource, reason }) =>
    print(`denied   ${child} ${kind}.${action} ${resource}: ${reason}`),
})
for (const { child } of await runtime.approvals.list()) {
  const { asks, interfaces: imported, risks } = (await runtime.approvals.review(child)).request
  print(`review   ${child} wants to ${asks.map(({ words }) => words).join(', ')}; imports ${imported.join(', ')}`)
  for (const { words } of risks) print(`         ! ${words}`)
  await runtime.approvals.approve(child, { author: 'plug-in host', reason: 'as its manifest says' })
}
const { asExpected } = await runtime.settled
await runtime.stop()
process.exitCode = asExpected ? 0 : 1
