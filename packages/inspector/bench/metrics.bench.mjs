// What a scrape costs: `/metrics` of a tree of 1,000 children that sleep until somebody calls, against the plain rendering of as
// many samples by prom-client, whose numbers are there already. And health events for 100 readers, some of which read nothing.
import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inspectorApp } from '@bulkhead/inspector'
import { Gauge, Registry } from 'prom-client'
import { medians, printPair } from '../../../bench/pair.mjs'
import { pinned } from '../../../test/support/pinned.mjs'
import { createTestRuntime, guestFile } from '../../../test/support/test-runtime.mjs'

const childrenCount = 1_000
const rounds = 7

await scrapes()
await events()

async function scrapes() {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-bench-metrics-'))
  const component = guestFile('messages-operator')
  const manifest = [
    '[component]\nid = "crew"\nversion = "1.0.0"',
    '[capabilities]\nmessaging.subscribe = ["crew.do"]',
    '[quotas]\nmemory = "4MiB"\n',
  ].join('\n')
  writeFileSync(join(folder, 'crew.component.toml'), manifest)
  const template = [
    '[supervisors.crew.template]',
    `component = ${JSON.stringify(component)}\nmanifest = "crew.component.toml"`,
    pinned(component, manifest),
    'lifetime = "idle 10m"\n',
  ]
  writeFileSync(join(folder, 'bulkhead.toml'), template.join('\n'))
  const runtime = await createTestRuntime({ tree: join(folder, 'bulkhead.toml') })
  for (let index = 0; index < childrenCount; index++) await runtime.startChild('crew', {})
  const inspector = inspectorApp(runtime, { reads: 'everybody' })
  const asked = () => new Request('http://localhost/metrics', { headers: { host: 'localhost' } })
  const text = await (await inspector.fetch(asked())).text()
  const samples = text.split('\n').filter((line) => /^bulkhead/.test(line)).length
  const registry = new Registry()
  const gauge = new Gauge({ name: 'plain', help: 'plain', labelNames: ['child', 'kind'], registers: [registry] })
  for (let index = 0; index < samples; index++)
    gauge.set({ child: `c${index % childrenCount}`, kind: `k${index}` }, index)
  const msOf = async (work) => {
    const began = performance.now()
    await work()
    return performance.now() - began
  }
  const { ours, snapshot, plain } = await medians(rounds, {
    ours: () => msOf(async () => (await inspector.fetch(asked())).text()),
    snapshot: () => msOf(() => runtime.metrics()),
    plain: () => msOf(() => registry.metrics()),
  })
  const of = `prom-client prints ${samples} samples`
  printPair({ name: '/metrics, 1,000 children', ours, baseline: plain, unit: 'ms', of })
  printPair({ name: 'runtime.metrics(), 1,000 children', ours: snapshot, baseline: plain, unit: 'ms', of })
  inspector.close()
  await runtime.stop()
  rmSync(folder, { recursive: true, force: true })
}

async function events() {
  const readersCount = 100
  const eventsCount = 1_000
  const folder = dirname(createRequire(import.meta.url).resolve('bulkhead'))
  const { HealthLog } = await import(pathToFileURL(join(folder, 'health/health-log.js')).href)
  const draft = { type: 'child.ready', supervisor: 'root', child: 'a' }
  const emitAll = async (reading, stalled) => {
    const log = new HealthLog({ id: 'bench', wallMs: Date.now, emit: () => {} })
    const done = Array.from({ length: reading }, async () => {
      let seen = 0
      for await (const _ of log.read({})) if (++seen === eventsCount) return
    })
    // They ask for the first event and never for another.
    for (let index = 0; index < stalled; index++) void log.read({}).next()
    await Promise.resolve()
    const began = performance.now()
    for (let index = 0; index < eventsCount; index++) log.raise(draft)
    await Promise.all(done)
    const ms = performance.now() - began
    log.close()
    return ms
  }
  const plain = () => {
    const emitter = new EventEmitter()
    emitter.setMaxListeners(readersCount)
    let heard = 0
    for (let index = 0; index < readersCount; index++) emitter.on('health', () => heard++)
    const began = performance.now()
    for (let index = 0; index < eventsCount; index++) emitter.emit('health', draft)
    return performance.now() - began
  }
  const { reading, none, stalled, emitter } = await medians(rounds, {
    reading: () => emitAll(readersCount, 0),
    none: () => emitAll(1, 0),
    stalled: () => emitAll(1, readersCount),
    emitter: plain,
  })
  printPair({
    ...{ name: '1,000 health events, 100 readers', ours: reading, baseline: emitter, unit: 'ms' },
    of: 'an EventEmitter with 100 listeners',
  })
  printPair({
    ...{ name: '1,000 health events, 100 readers that read nothing', ours: stalled, baseline: none, unit: 'ms' },
    of: 'nobody but one reader',
    aim: { ratioMax: 2 },
  })
}
