// What messages cost between threads, each beside the same over a raw `MessagePort`: `npm run bench mailbox`. The mailbox
// judges every message at its receiver (lengths, turn, topic) and refuses when it is full; a port does neither.
import { MessageChannel, Worker } from 'node:worker_threads'
import { compileLaneFilter, Mailbox, MailboxReader, MessageEncoder, Outlet } from '@bulkhead/mailbox'
import { medians, nsPerCall, printPair } from '../../../bench/pair.mjs'

const authority = { layers: [['orders.>', 'bills.*'], ['>']], operator: [], deny: ['orders.secret'] }
const filter = compileLaneFilter({ version: 1, publish: authority, subscribe: authority })
const rounds = 5

/** A thread that does what `bench-thread.mjs` has under this name. */
function thread(role, data, ports = []) {
  return new Worker(new URL('bench-thread.mjs', import.meta.url), {
    workerData: { role, ...data },
    transferList: ports,
  })
}

function told(worker) {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

/** A sender of large messages has an arena. */
function openLane(mailbox, bytes = 100) {
  const { outlet } = mailbox.openLane({ id: 'bench', incarnation: 1 }, filter, 0n)
  return bytes > 1000 ? { ...outlet, arena: mailbox.openArena(outlet.lane) } : outlet
}

/** Nanoseconds a message, as its receiver counts, once both threads are ready. */
async function oneWay(sender, receiver) {
  await Promise.all([told(sender), told(receiver)])
  receiver.postMessage('go')
  sender.postMessage('go')
  const took = await told(receiver)
  await Promise.all([sender.terminate(), receiver.terminate()])
  return took
}

function byMailbox(receivers, bytes, messages) {
  return () => {
    const mailboxes = Array.from({ length: receivers }, () => new Mailbox())
    const outlets = mailboxes.map((mailbox) => openLane(mailbox, bytes))
    const memories = mailboxes.map((mailbox) => mailbox.readerMemory())
    return oneWay(thread('send', { outlets, bytes, messages }), thread('receive', { memories, messages }))
  }
}

function byPort(receivers, bytes, messages) {
  return () => {
    const channels = Array.from({ length: receivers }, () => new MessageChannel())
    const ones = channels.map(({ port1 }) => port1)
    const others = channels.map(({ port2 }) => port2)
    return oneWay(
      thread('post', { ports: ones, bytes, messages }, ones),
      thread('hear', { ports: others, messages }, others),
    )
  }
}

for (const [bytes, messages] of [
  [100, 100_000],
  [4096, 20_000],
]) {
  const runs = await medians(rounds, { ours: byMailbox(1, bytes, messages), port: byPort(1, bytes, messages) })
  const name = `message of ${bytes} B, one way, worker to worker`
  const aim = { ratioMax: 0.5 }
  printPair({ name, ours: runs.ours, baseline: runs.port, unit: 'ns', of: 'the same over a MessagePort', aim })
}

{
  const runs = await medians(rounds, { ours: byMailbox(10, 100, 5_000), port: byPort(10, 100, 5_000) })
  const name = 'message of 100 B to ten receivers'
  printPair({ name, ours: runs.ours, baseline: runs.port, unit: 'ns', of: 'the same over ten MessagePorts' })
}

{
  const trips = 10_000
  const ours = async () => {
    const [there, back] = [new Mailbox(), new Mailbox()]
    const [request, reply] = [openLane(there), openLane(back)]
    const echo = thread('echo', { memory: there.readerMemory(), outlet: reply })
    const asker = thread('ask', { memory: back.readerMemory(), outlet: request, trips })
    return await roundTrip(echo, asker)
  }
  const port = async () => {
    const { port1, port2 } = new MessageChannel()
    return await roundTrip(
      thread('echo-port', { port: port1 }, [port1]),
      thread('ask-port', { port: port2, trips }, [port2]),
    )
  }
  const roundTrip = async (echo, asker) => {
    await Promise.all([told(echo), told(asker)])
    asker.postMessage('go')
    const took = await told(asker)
    await Promise.all([echo.terminate(), asker.terminate()])
    return took
  }
  const runs = await medians(rounds, { ours, port })
  const name = 'request of 100 B and its reply'
  const aim = { ratioMax: 1.2 }
  printPair({ name, ours: runs.ours, baseline: runs.port, unit: 'ns', of: 'round trip over a MessagePort', aim })
}

{
  const mailbox = new Mailbox()
  const outlet = new Outlet(openLane(mailbox))
  const encoder = new MessageEncoder()
  const body = new Uint8Array(100)
  const options = { now: () => 0n, onRefused: () => {}, onBreach: () => {} }
  const reader = new MailboxReader(mailbox.readerMemory(), options)
  const { port1, port2 } = new MessageChannel()
  const drain = () => {
    while (reader.take() !== undefined) reader.finish()
  }
  // As many as the lane holds, then it is emptied outside the measured time.
  const calls = 300
  const publish = nsPerCall(calls, (left) => {
    for (; left > 0; left--) {
      const message = { subject: 'orders.new', body, sentAtNs: process.hrtime.bigint() }
      if (outlet.send(encoder.encode(message)) !== 'sent') throw new Error('the lane is full')
    }
  })
  const post = nsPerCall(calls, (left) => {
    for (; left > 0; left--) port1.postMessage(body)
  })
  const runs = await medians(300, {
    ours: () => {
      const cost = publish()
      drain()
      return cost
    },
    port: post,
  })
  port1.close()
  port2.close()
  const name = 'publish 100 B, in the sender'
  const aim = { oursMax: 2000 }
  printPair({ name, ours: runs.ours, baseline: runs.port, unit: 'ns', of: 'postMessage of the same bytes', aim })
}
