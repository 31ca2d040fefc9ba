// The threads of `messages.bench.mjs`, by role. Each says that it is ready and waits to be told to go.
import { workerData as data, parentPort } from 'node:worker_threads'
import { MailboxReader, MessageEncoder, Outlet } from '@bulkhead/mailbox'

const options = {
  now: () => 0n,
  onRefused: () => {},
  onBreach: ({ error }) => {
    throw error
  },
}
const readerOf = (memory) => new MailboxReader(memory, options)
const encoder = new MessageEncoder()
const encode = (body) => encoder.encode({ subject: 'orders.new', body, sentAtNs: process.hrtime.bigint() })

/** Who is refused comes again a moment later, as a guest would: spinning would take the core from the receiver. */
const nothing = new Int32Array(new SharedArrayBuffer(4))
const backOff = () => Atomics.wait(nothing, 0, 0, 0.05)

/** Before the measured ones, so that what is measured is compiled. */
const warmUpTrips = 3_000
const warmUpMessages = 20_000

/** Tells the main thread what one message takes, counted at the receiver. */
function startTimer() {
  const receivers = (data.memories ?? data.ports).length
  let left = (data.messages + warmUpMessages) * receivers
  let began = 0n
  return {
    done: false,
    count() {
      left--
      if (left === data.messages * receivers) began = process.hrtime.bigint()
      if (left > 0) return
      this.done = true
      parentPort.postMessage(Number(process.hrtime.bigint() - began) / data.messages)
    },
  }
}

const roles = {
  send() {
    const outlets = data.outlets.map((outlet) => new Outlet(outlet))
    const body = new Uint8Array(data.bytes)
    for (let left = data.messages + warmUpMessages; left > 0; left--) {
      const message = encode(body)
      for (const outlet of outlets) while (outlet.send(message) !== 'sent') backOff()
    }
  },
  receive() {
    const readers = data.memories.map(readerOf)
    const timer = startTimer()
    while (!timer.done) {
      for (const reader of readers) {
        // One reader alone may block; of several each gets its turn.
        const delivery = readers.length === 1 ? reader.waitTake(1_000) : reader.take()
        if (delivery === undefined) continue
        reader.finish()
        timer.count()
      }
    }
  },
  post() {
    const body = new Uint8Array(data.bytes)
    for (let left = data.messages + warmUpMessages; left > 0; left--) {
      for (const port of data.ports) port.postMessage(body)
    }
  },
  hear() {
    const timer = startTimer()
    for (const port of data.ports) port.on('message', () => timer.count())
  },
  echo() {
    const outlet = new Outlet(data.outlet)
    const reader = readerOf(data.memory)
    for (;;) {
      const delivery = reader.waitTake(1_000)
      if (delivery === undefined) continue
      outlet.send(encode(delivery.body))
      reader.finish()
    }
  },
  ask() {
    const outlet = new Outlet(data.outlet)
    const reader = readerOf(data.memory)
    const body = new Uint8Array(100)
    let began = 0n
    for (let trip = -warmUpTrips; trip < data.trips; trip++) {
      if (trip === 0) began = process.hrtime.bigint()
      outlet.send(encode(body))
      while (reader.waitTake(1_000) === undefined);
      reader.finish()
    }
    parentPort.postMessage(Number(process.hrtime.bigint() - began) / data.trips)
  },
  'echo-port'() {
    data.port.on('message', (body) => data.port.postMessage(body))
  },
  'ask-port'() {
    const body = new Uint8Array(100)
    let trip = -warmUpTrips
    let began = 0n
    data.port.on('message', () => {
      if (trip++ === 0) began = process.hrtime.bigint()
      if (trip <= data.trips) data.port.postMessage(body)
      else parentPort.postMessage(Number(process.hrtime.bigint() - began) / data.trips)
    })
    data.port.postMessage(body)
  },
}

if (data.role.startsWith('echo')) {
  parentPort.postMessage('ready')
  roles[data.role]()
} else {
  parentPort.once('message', () => roles[data.role]())
  parentPort.postMessage('ready')
}
