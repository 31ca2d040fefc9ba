// One message to ten subscribers: published by a guest, checked and audited, handled by ten guests; against one worker that
// posts to ten others over a `MessagePort` each. Nanoseconds for each message that arrived.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { medians, printPair } from '../../../bench/pair.mjs'
import { anyRate, encoded, guest, withTree } from './message-rig.mjs'

const receivers = 10
/** Fewer than a sender's share of a mailbox: nothing is refused. */
const messages = 250
const body = 'x'.repeat(100)

const names = Array.from({ length: receivers }, (_, index) => `sink-${index}`)
const sinks = Object.fromEntries(
  names.map((name) => [name, { component: guest('messages-sink'), subscribe: ['fan.out'], quotas: [anyRate] }]),
)
const sender = {
  component: guest('messages-operator'),
  subscribe: ['cmd.sender'],
  publish: ['fan.out'],
  quotas: [anyRate],
}

await withTree({ ...sinks, sender }, async (runtime) => {
  const ports = await plainFan()
  let handled = 0
  const sum = () =>
    runtime.messages().children.reduce((total, one) => total + (one.child === 'sender' ? 0 : one.handled), 0)
  const result = await medians(7, {
    ours: async () => {
      const began = process.hrtime.bigint()
      const answer = await runtime.request('cmd.sender', encoded(`flood fan.out ${messages} ${body}`))
      const said = new TextDecoder().decode(answer.body)
      if (said !== `sent ${messages} refused 0`) throw new Error(`the sender says \`${said}\``)
      handled += messages * receivers
      while (sum() < handled) await sleep(1)
      return Number(process.hrtime.bigint() - began) / (messages * receivers)
    },
    ports: async () => (await ports.round()) / (messages * receivers),
  })
  await ports.end()
  printPair({
    name: `guest to ${receivers} subscribers, 100 B, each that arrived`,
    ours: result.ours,
    baseline: result.ports,
    unit: 'ns',
    of: `a worker posting to ${receivers} MessagePorts`,
  })
})

async function plainFan() {
  const counters = new SharedArrayBuffer(4)
  const file = new URL('./fan-out-thread.mjs', import.meta.url)
  const channels = names.map(() => new MessageChannel())
  const threads = channels.map(
    ({ port2 }) => new Worker(file, { workerData: { counters, port: port2 }, transferList: [port2] }),
  )
  const ports = channels.map(({ port1 }) => port1)
  const source = new Worker(file, { workerData: { counters, ports, messages, body }, transferList: ports })
  await Promise.all([...threads, source].map((thread) => once(thread, 'online')))
  return {
    round: async () => {
      Atomics.store(new Int32Array(counters), 0, 0)
      const began = process.hrtime.bigint()
      source.postMessage('go')
      while (Atomics.load(new Int32Array(counters), 0) < messages * receivers) {
        await sleep(1)
      }
      return Number(process.hrtime.bigint() - began)
    },
    end: () => Promise.all([...threads, source].map((thread) => thread.terminate())),
  }
}
