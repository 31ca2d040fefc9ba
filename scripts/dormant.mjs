// Ten thousand children of ten supervisors, of which two hundred are awake: what each of them costs, asleep and awake, and
// how long it takes to wake one. `npm run dormant [CHILDREN [AWAKE]]`
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pinned } from '../test/support/pinned.mjs'
import { createTestRuntime, guestFile } from '../test/support/test-runtime.mjs'

const [children = 10_000, awakeWanted = 200] = process.argv.slice(2).map(Number)
const pools = Math.ceil(children / 1_000)
const folder = mkdtempSync(join(tmpdir(), 'bulkhead-dormant-'))
const component = guestFile('messages-operator')

function poolLines(name) {
  const manifest = [
    `[component]\nid = "${name}"\nversion = "1.0.0"`,
    `[capabilities]\nmessaging.subscribe = ["${name}.do"]`,
    '[quotas]\nmemory = "4MiB"\n',
  ].join('\n')
  writeFileSync(join(folder, `${name}.component.toml`), manifest)
  return [
    `[supervisors.${name}.template]`,
    `component = ${JSON.stringify(component)}\nmanifest = "${name}.component.toml"`,
    pinned(component, manifest),
    'lifetime = "idle 10m"\n',
  ].join('\n')
}

const names = Array.from({ length: pools }, (_, index) => `crew-${index}`)
writeFileSync(join(folder, 'bulkhead.toml'), names.map(poolLines).join('\n'))

const mebibytes = (bytes) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`
const kibibytes = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`

async function settledMemory() {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage()
  return { rss, heapUsed, external, arrayBuffers }
}

const runtime = await createTestRuntime({ tree: join(folder, 'bulkhead.toml') })
try {
  const before = await settledMemory()
  const began = performance.now()
  for (let index = 0; index < children; index++) {
    const { kind } = await runtime.startChild(names[index % pools], {})
    if (kind !== 'started') throw new Error(`child ${index}: ${kind}`)
  }
  const addedMs = performance.now() - began
  const asleep = await settledMemory()
  console.log(`${children} children of ${pools} supervisors, all asleep: added in ${(addedMs / 1_000).toFixed(1)} s`)
  console.log(`each: ${kibibytes((asleep.heapUsed - before.heapUsed) / children)} of heap`)
  console.log(
    `each: ${kibibytes((asleep.rss - before.rss) / children)} of resident memory, all ${mebibytes(asleep.rss)}`,
  )

  const idleCpu = process.cpuUsage()
  await new Promise((resolve) => setTimeout(resolve, 5_000))
  const { user, system } = process.cpuUsage(idleCpu)
  console.log(`host, nobody awake: ${((user + system) / 50_000).toFixed(1)} % of a core`)

  const wakes = []
  const isAwake = ({ state }) => state === 'running' || state === 'starting'
  const countAwake = () => runtime.children().filter(isAwake).length
  // Two may go to the same one; it is counted now and then, since to look at ten thousand takes a while.
  for (let sent = 0; sent < awakeWanted || countAwake() < awakeWanted; sent++) {
    const from = performance.now()
    await runtime.request(`${names[sent % pools]}.do`, Buffer.from('count'), { timeoutMs: 60_000 })
    wakes.push(performance.now() - from)
  }
  wakes.sort((a, b) => a - b)
  const awake = await settledMemory()
  console.log(`${countAwake()} awake after ${wakes.length} requests, each to one of a supervisor's thousand`)
  console.log(
    `wake and answer: median ${wakes[wakes.length >> 1]?.toFixed(1)} ms, worst ${wakes.at(-1)?.toFixed(1)} ms`,
  )
  console.log(
    `each awake: ${mebibytes((awake.rss - asleep.rss) / awakeWanted)} of resident memory, all ${mebibytes(awake.rss)}`,
  )
} finally {
  const from = performance.now()
  await runtime.stop()
  console.log(`stopped in ${((performance.now() - from) / 1_000).toFixed(1)} s`)
  rmSync(folder, { recursive: true, force: true })
}
