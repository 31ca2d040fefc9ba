// The baseline of fan-out.bench.mjs: a worker that counts what its port brings, or one that posts to many.
import { parentPort, workerData } from 'node:worker_threads'

const { counters, port, ports, messages, body } = workerData
const counter = new Int32Array(counters)

if (port === undefined) {
  const bytes = new TextEncoder().encode(body)
  parentPort.on('message', () => {
    for (let index = 0; index < messages; index += 1) for (const one of ports) one.postMessage(bytes)
  })
} else {
  port.on('message', () => Atomics.add(counter, 0, 1))
}
