// What messages cost between guests, with everything that stands around one: the guest's own copy, the check of what it
// may, the audit record (run-length), the rate, the routing, and the receiver's judgement. Beside it the same over a raw
// `MessagePort` between plain workers, which has none of that: `npm run bench actor/bench/messages`.
import { MessageChannel, Worker } from 'node:worker_threads'
import { medians, printPair } from '../../../bench/pair.mjs'
import { buildGuests } from '../../../test/guests/build.mjs'
import { messageLab, until } from '../../../test/support/message-lab.mjs'

const rounds = 3

await buildGuests({ report: () => {} })
const lab = await messageLab()
const driver = { publish: ['bench.*'], request: ['bench.*'], messagesPerSecond: 100_000_000 }
const { member } = await prepared()

/** A guest that sends, one that takes, and one that answers. */
async function prepared() {
  await lab.start({ id: 'sink', guest: 'messages-sink', subscribe: ['bench.out'], asks: false })
  await lab.start({ id: 'echo', guest: 'messages-echo', subscribe: ['bench.ask'], messagesPerSecond: 100_000_000 })
  return { member: await lab.start({ id: 'driver', guest: 'messages-driving', subscribe: [], ...driver }) }
}

/** Has the guest send so many messages; resolves when it has. @param {'p' | 'q'} what */
async function drive(what, count, bytes) {
  const body = Buffer.alloc(12)
  body.write(what)
  body.writeInt32LE(count, 4)
  body.writeInt32LE(bytes, 8)
  await lab.tell('driver', body)
}

/** Nanoseconds each of what `run` does, less what a command costs that does nothing. */
async function perMessage(count, run) {
  const idleFrom = process.hrtime.bigint()
  await drive('p', 0, 0)
  const from = process.hrtime.bigint()
  await run()
  return Number(process.hrtime.bigint() - from - (from - idleFrom)) / count
}

/** A role of the plain workers that the benchmark of mailboxes measures beside. */
function thread(role, data, ports) {
  const file = new URL('../../mailbox/bench/bench-thread.mjs', import.meta.url)
  return new Worker(file, { workerData: { role, ...data }, transferList: ports })
}

const told = (worker) => new Promise((resolve) => worker.once('message', resolve))

async function between(first, second, begin) {
  await Promise.all([told(first), told(second)])
  for (const worker of begin) worker.postMessage('go')
  const took = await told(begin[0])
  await Promise.all([first.terminate(), second.terminate()])
  return took
}

function byPort(bytes, messages) {
  const { port1, port2 } = new MessageChannel()
  const hear = thread('hear', { ports: [port2], messages }, [port2])
  const post = thread('post', { ports: [port1], bytes, messages }, [port1])
  return between(hear, post, [hear, post])
}

// Nobody reads while it sends: what is measured is the sender's thread alone.
{
  const [pieces, count] = [40, 250]
  const quiet = await lab.start({ id: 'quiet', guest: 'messages-sink', deaf: true, subscribe: ['bench.out'] })
  const loud = lab.member('sink')
  loud.spec = { ...loud.spec, subscribe: [] }
  lab.reroute()
  const empty = () => {
    const held = member.lanes.get(quiet.box?.id ?? 0)
    if (held !== undefined) {
      quiet.box?.mailbox.condemn(held.lane)
      member.lanes.delete(quiet.box?.id ?? 0)
    }
  }
  const ours = async () => {
    let sumNs = 0
    for (let piece = 0; piece < pieces; piece++) {
      await drive('p', 1, 100)
      sumNs += (await perMessage(count, () => drive('p', count, 100))) / pieces
      empty()
    }
    return sumNs
  }
  const { port1 } = new MessageChannel()
  const body = new Uint8Array(100)
  const port = () => {
    const from = process.hrtime.bigint()
    for (let left = pieces * count; left > 0; left--) port1.postMessage(body)
    return Number(process.hrtime.bigint() - from) / (pieces * count)
  }
  const runs = await medians(rounds, { ours, port })
  const aim = { oursMax: 2_000 }
  const name = 'a guest publishes 100 B, in its own thread'
  printPair({ name, ours: runs.ours, baseline: runs.port, unit: 'ns', of: 'postMessage of a plain worker', aim })
  port1.close()
  quiet.spec = { ...quiet.spec, subscribe: [] }
  loud.spec = { ...loud.spec, subscribe: ['bench.out'] }
  lab.reroute()
}

for (const [bytes, messages] of [
  [100, 60_000],
  [4096, 15_000],
]) {
  const sink = lab.member('sink')
  const ours = () =>
    perMessage(messages, async () => {
      const before = sink.actor?.messageCounters().handled ?? 0
      await drive('p', messages, bytes)
      await until(() => (sink.actor?.messageCounters().handled ?? 0) - before >= messages)
    })
  const runs = await medians(rounds, { ours, port: () => byPort(bytes, messages) })
  const name = `message of ${bytes} B, one way, guest to guest, checked and audited`
  const aim = { ratioMax: 0.5 }
  printPair({ name, ours: runs.ours, baseline: runs.port, unit: 'ns', of: 'the same over a MessagePort', aim })
}

{
  const trips = 5_000
  const ours = () => perMessage(trips, () => drive('q', trips, 100))
  const port = () => {
    const { port1, port2 } = new MessageChannel()
    const echo = thread('echo-port', { port: port1 }, [port1])
    const ask = thread('ask-port', { port: port2, trips }, [port2])
    return between(echo, ask, [ask])
  }
  const runs = await medians(rounds, { ours, port })
  const aim = { ratioMax: 1.2 }
  const name = 'request of 100 B and its reply, guest to guest'
  printPair({ name, ours: runs.ours, baseline: runs.port, unit: 'ns', of: 'round trip over a MessagePort', aim })
}

await lab.close()
