// The pipeline of docs/examples/orders, from the first order published to the answer that all are booked, against the same
// four stages in plain Node threads over nats-server on loopback, and in Erlang, where these are installed. They do the same
// work on the same text; only ours checks and audits, and runs what nobody has to trust.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { median, medians, printPair } from '../../../bench/pair.mjs'
import { buildExample } from '../../../docs/examples/orders/build.mjs'
import { anyRate, encoded, withTree } from './message-rig.mjs'
import { natsPipeline } from './orders-nats.mjs'

/** Fewer than a mailbox takes: nobody waits for room. */
const orders = 200
const rounds = 7
const items = ['tea', 'honey', 'flour', 'saffron']

await buildExample()
/** @param {string} name */
const example = (name) => fileURLToPath(new URL(`../../../docs/examples/orders/guests/${name}.wasm`, import.meta.url))
/** @param {number} id */
const order = (id) => `{"id":${id},"item":"${items[id % items.length]}","quantity":${(id % 7) + 1}}`

const children = {
  book: { component: example('book'), subscribe: ['orders.priced', 'orders.rejected', 'shop.close'] },
  catalogue: { component: example('catalogue'), subscribe: ['catalogue.price'] },
  price: {
    component: example('price'),
    subscribe: ['orders.valid'],
    request: ['catalogue.price'],
    publish: ['orders.priced', 'orders.rejected'],
  },
  validate: {
    component: example('validate'),
    subscribe: ['orders.new'],
    publish: ['orders.valid', 'orders.rejected', 'orders.spam'],
    lines: ['instances = 3'],
  },
}
const unlimited = Object.fromEntries(
  Object.entries(children).map(([name, one]) => [name, { ...one, quotas: [anyRate] }]),
)

await withTree(unlimited, async (runtime) => {
  const nats = await natsPipeline(items)
  let sent = 0
  const ours = async () => {
    const began = process.hrtime.bigint()
    for (let index = 0; index < orders; index += 1) await runtime.publish('orders.new', encoded(order(++sent)))
    await runtime.request('shop.close', encoded(String(sent)))
    return Number(process.hrtime.bigint() - began) / orders
  }
  const line = { name: 'an order through the pipeline of four', unit: /** @type {const} */ ('ns') }
  if (nats === undefined) console.error('  nats-server is not installed')
  else {
    const result = await medians(rounds, { ours, nats: () => nats.round(orders, order) })
    await nats.end()
    printPair({ ...line, ours: result.ours, baseline: result.nats, of: 'Node threads over nats-server' })
  }
  const erlang = erlangPipeline()
  if (erlang === undefined) console.error('  Erlang is not installed')
  else {
    const costs = []
    for (let round = 0; round <= rounds; round += 1) costs.push(await ours())
    printPair({ ...line, ours: median(costs.slice(1)), baseline: erlang, of: 'Erlang processes' })
  }
})

/** Nanoseconds an order, the median of as many rounds; nothing where there is no `erl`. */
function erlangPipeline() {
  const script = fileURLToPath(new URL('./orders.erl', import.meta.url))
  const run = `{ok, M, B} = compile:file("${script}", [binary]), {module, M} = code:load_binary(M, "orders", B), M:main(${orders}, ${rounds}), halt().`
  const done = spawnSync('erl', ['-noshell', '-eval', run], { encoding: 'utf8', timeout: 60_000 })
  if (done.error !== undefined) return undefined
  if (done.status !== 0) throw new Error(`the pipeline in Erlang failed: ${done.stdout}${done.stderr}`)
  return Number(done.stdout)
}
