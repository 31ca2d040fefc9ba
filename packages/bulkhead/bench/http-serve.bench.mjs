// Requests over HTTP on loopback, 16 connections that stay open: a service in a tree, one instance, against plain `node:http`
// in a thread of its own, answering the same text. The clients are in this process, and so is our server.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { medians, printPair } from '../../../bench/pair.mjs'
import { pinned } from '../../../test/support/pinned.mjs'
import { createTestRuntime, guestFile } from '../../../test/support/test-runtime.mjs'

const connections = 16
const requests = 1_000
const rounds = 3

const folder = mkdtempSync(join(tmpdir(), 'bulkhead-bench-'))
const component = guestFile('http-service')
writeFileSync(
  join(folder, 'bulkhead.toml'),
  `[http]\nlisten = "127.0.0.1:0"\nroutes = { "/**" = "web" }\n[children.web]\ncomponent = ${JSON.stringify(component)}\n${pinned(component)}\n`,
)
const runtime = await createTestRuntime({ tree: join(folder, 'bulkhead.toml') })
const plain = new Worker(
  `const { createServer } = require('node:http')
   const server = createServer((_request, response) => response.end('hello from 127.0.0.1:00000\\n'))
   server.listen(0, '127.0.0.1', () => require('node:worker_threads').parentPort.postMessage(server.address().port))`,
  { eval: true },
)
const plainPort = await new Promise((resolve) => plain.once('message', resolve))
const agent = new Agent({ keepAlive: true, maxSockets: connections })

const p99 = { ours: [], plain: [] }
const { ours, baseline } = await medians(rounds, {
  ours: () => load(Number(new URL(runtime.http?.url ?? '').port), p99.ours),
  baseline: () => load(plainPort, p99.plain),
})
const of = 'plain node:http in a worker'
printPair({ name: 'served HTTP request, 16 at a time', ours, baseline, unit: 'ms', of, aim: { ratioMax: 2 } })
printPair({ name: 'served HTTP request, p99', ours: last(p99.ours), baseline: last(p99.plain), unit: 'ms', of })

agent.destroy()
await runtime.stop()
await plain.terminate()
rmSync(folder, { recursive: true })

/** Milliseconds a request, over all; the 99th percentile of their times is added to `tails`. */
async function load(port, tails) {
  const times = []
  const began = performance.now()
  let left = requests
  const client = async () => {
    while (left > 0) {
      left -= 1
      const sent = performance.now()
      await ask(port)
      times.push(performance.now() - sent)
    }
  }
  await Promise.all(Array.from({ length: connections }, client))
  times.sort((a, b) => a - b)
  tails.push(times[Math.floor(times.length * 0.99)])
  return (performance.now() - began) / requests
}

function ask(port) {
  return new Promise((resolve, reject) => {
    const asked = request({ agent, host: '127.0.0.1', port, path: '/hello' }, (response) => {
      response.resume()
      response.once('end', resolve)
    })
    asked.once('error', reject)
    asked.end()
  })
}

function last(values) {
  return values[values.length - 1]
}
