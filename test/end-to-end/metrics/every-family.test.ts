// Every family of numbers, of one tree that does all that is counted; and the same numbers by every way of reading them.
import { createServer as createHttpServer } from 'node:http'
import { inspectorApp } from '@bulkhead/inspector'
import { metrics as openTelemetry } from '@opentelemetry/api'
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import { type MetricsSnapshot, metricFamilies, type Runtime } from 'bulkhead'
import { afterAll, expect, it } from 'vitest'
import { guestFile } from '../../support/test-runtime.mjs'
import { World } from '../authority/world.js'
import { run } from '../command.js'
import { listening, listeningInSilence } from '../http/local-servers.js'
import { bytes } from '../messages/message-tree.js'
import { allOfItsOwn, keeperFile } from '../storage/keeper-tree.js'

const patienceMs = 150_000

/** 0 here: what a moment has in which something waits, and a score, which none has that is held against no child. */
const momentary = new Set([
  'bulkhead.child.score',
  'bulkhead.http.in_flight',
  'bulkhead.journal.stalled',
  'bulkhead.journal.waiting',
  'bulkhead.mailbox.depth',
  'bulkhead.mailbox.oldest',
  'bulkhead.mailbox.size',
])

/** Numbers that move while they are read. */
const moving =
  /^bulkhead\.(uptime|process\..*|journal\.(waiting|records)|child\.(cpu|host_wait|score)|quota\.use|events|permission\.check\..*)$/

const talker = {
  component: guestFile('messages-operator'),
  grants: ['messaging.subscribe = ["talker.do"]', 'messaging.publish = ["work.*"]'],
  lines: ['quotas = { messages = "10000/s" }', 'restart = "permanent"'],
}

const world = new World()
const small = new World()
class OnDemand extends MetricReader {
  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}
const reader = new OnDemand()
afterAll(async () => {
  await world.remove()
  await small.remove()
  openTelemetry.disable()
})

async function until(isSo: () => boolean | Promise<boolean>, what: () => string): Promise<void> {
  const end = Date.now() + 40_000
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`${what()} did not come true`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** `name{label=value,…}` to number. */
type Series = Map<string, number>

function seriesName(name: string, labels: Readonly<Record<string, unknown>>): string {
  return `${name}{${Object.entries(labels)
    .map(([label, value]) => `${label}=${value}`)
    .sort()
    .join()}}`
}

function seriesOf({ families }: Pick<MetricsSnapshot, 'families'>): Series {
  const still = families.filter(({ name }) => !moving.test(name))
  return new Map(
    still.flatMap(({ name, samples }) =>
      samples.map(({ labels, value }) => [seriesName(name, labels), value] as const),
    ),
  )
}

/** By the names that a scrape has. */
function scraped(text: string): Series {
  const names = new Map(
    metricFamilies.map(({ name, unit, type }) => {
      const plain = `${name.replaceAll('.', '_')}${{ s: '_seconds', By: '_bytes' }[unit] ?? ''}`
      return [type === 'counter' ? `${plain}_total` : plain, name]
    }),
  )
  const series: Series = new Map()
  for (const line of text.split('\n')) {
    const [, printed = '', labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    const name = names.get(printed)
    if (name === undefined || moving.test(name)) continue
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, text]) => [label, text])
    series.set(seriesName(name, Object.fromEntries(pairs)), Number(value))
  }
  return series
}

async function observed(): Promise<Series> {
  const { resourceMetrics } = await reader.collect()
  const all = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics)
  return new Map(
    all
      .filter(({ descriptor }) => !moving.test(descriptor.name))
      .flatMap(({ descriptor, dataPoints }) =>
        dataPoints.map(({ attributes, value }) => [seriesName(descriptor.name, attributes), Number(value)] as const),
      ),
  )
}

async function startAll(): Promise<Runtime> {
  const port = await listening(
    createHttpServer((_, response) => void response.writeHead(200, { connection: 'close' }).end('fine')),
  )
  const silent = await listeningInSilence()
  const ops = [
    { op: 'http', url: `http://127.0.0.1:${port}/` },
    { op: 'wait-for-input', host: '127.0.0.1', port: silent },
  ]
  world.write('data/file', 'words')
  world.tree(
    {
      agent: { mounts: { '/data': '"data"' }, grants: ['filesystem.read = ["/data/**"]'] },
      keeper: { component: keeperFile, grants: ['messaging.subscribe = ["keeper.do"]', ...allOfItsOwn] },
      net: {
        component: guestFile('network-operator'),
        grants: [`network.connect = ["http://127.0.0.1:${port}", "127.0.0.1:${silent}"]`],
        lines: [`args = ${JSON.stringify(['operator', ...ops.map((op) => JSON.stringify(op))])}`, 'shutdown = "0s"'],
      },
      talker,
      web: { component: guestFile('http-service') },
    },
    ['[http]', 'listen = "127.0.0.1:0"', 'routes = { "/**" = "web" }'],
  )
  openTelemetry.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))
  const session = await world.start()
  const { runtime } = session
  const ask = (topic: string, words: string) => runtime.request(topic, bytes(words), { timeoutMs: 60_000 })
  await session.ask('agent', '_ = open("/data/file").read()')
  await ask('keeper.do', JSON.stringify(['set', '', 'k', 'value']))
  await ask('talker.do', 'burst secret.plans 1 1 32').catch(() => {})
  await ask('talker.do', 'burst work.do 1 2500 32')
  await runtime.publish('talker.do', bytes('trap'))
  await session.event('child.restarted', 'talker')
  await runtime.policy.update('web', { text: '[allow]\n', file: 'web.policy.toml' })
  expect((await fetch(`${runtime.http?.url}/`)).status).toBeGreaterThan(0)
  await session.until(() => session.output('net').includes('held'), 'an open connection')
  return runtime
}

it(
  'has a number in every family, and the same ones by every way of reading them',
  async () => {
    const runtime = await startAll()
    const empty = (): readonly string[] =>
      runtime
        .metrics()
        .families.filter(({ name, samples }) => !momentary.has(name) && !samples.some(({ value }) => value > 0))
        .map(({ name }) => name)
    await until(
      () => empty().length === 0,
      () => `a number in ${empty().join(', ')}`,
    )
    for (const { name, samples } of runtime.metrics().families) {
      expect(samples.length, name).toBeGreaterThan(0)
    }

    // It looks at its folder without end.
    await runtime.orders.stop('agent')
    const inspector = inspectorApp(runtime, { reads: 'everybody' })
    const scrape = async (): Promise<Series> => {
      const request = new Request('http://localhost/metrics', { headers: { host: 'localhost' } })
      return scraped(await (await inspector.fetch(request)).text())
    }
    const command = async (): Promise<Series> => {
      const { stdout } = await run(['metrics', '--json', '--state', world.path('.bulkhead')])
      return seriesOf(JSON.parse(stdout) as MetricsSnapshot)
    }
    let told: readonly Series[] = []
    const areSame = async (): Promise<boolean> => {
      told = [seriesOf(runtime.metrics()), await observed(), await scrape(), await command()]
      const [first = new Map(), ...others] = told
      return others.every((series) => {
        return series.size === first.size && [...series].every(([name, value]) => first.get(name) === value)
      })
    }
    await until(areSame, () => {
      const [first, ...others] = told.map((series) => Object.fromEntries(series))
      expect(others).toEqual([first, first, first])
      return 'the same numbers'
    })
    inspector.close()
  },
  patienceMs,
)

it(
  'lets no counter fall when a child ends, is started again and is removed',
  async () => {
    small.tree({ talker })
    const { runtime } = await small.start()
    const before = new Map<string, number>()
    const look = (isGone: (labels: Readonly<Record<string, string>>) => boolean = () => false): void => {
      for (const { name, type, samples } of runtime.metrics().families) {
        if (type !== 'counter') continue
        for (const { labels, value } of samples) {
          const series = seriesName(name, labels)
          if (!isGone(labels)) expect(value, series).toBeGreaterThanOrEqual(before.get(series) ?? 0)
          before.set(series, value)
        }
      }
    }
    await runtime.request('talker.do', bytes('burst work.do 1 100 32'), { timeoutMs: 60_000 })
    look()
    const hits = (): number => before.get(seriesName('bulkhead.permission.cache', { result: 'hit' })) ?? 0
    const checks = { child: 'talker', kind: 'messaging', verdict: 'granted' }
    const granted = (): number => before.get(seriesName('bulkhead.permission.checks', checks)) ?? 0
    const [hitsThen, grantedThen] = [hits(), granted()]
    expect(hitsThen).toBeGreaterThan(0)
    await runtime.orders.restart('talker')
    look()
    await runtime.request('talker.do', bytes('burst work.do 1 1 32'), { timeoutMs: 60_000 })
    look()
    expect(granted()).toBeGreaterThanOrEqual(grantedThen)
    await runtime.terminateChild('root', 'talker')
    look()
    await runtime.deleteChild('root', 'talker')
    look(({ child }) => child === 'talker')
    expect(hits()).toBeGreaterThanOrEqual(hitsThen)
  },
  patienceMs,
)
