// Requests over HTTP on loopback, 16 connections that stay open: a service in a tree, one instance, against plain `node:http`
// in a thread of its own, answering the same text. The clients are in this process, and so is our server. The service is
// once a compiled guest that does nothing else, and once one in JavaScript, whose engine is measured with it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { answeringGuest } from '../../../bench/guests/service-guests.mjs'
import { medians, printPair } from '../../../bench/pair.mjs'
import { pinned } from '../../../test/support/pinned.mjs'
import { createTestRuntime, guestFile } from '../../../test/support/test-runtime.mjs'

const connections = 16
const requests = 1_000
const rounds = 3

const folder = mkdtempSync(join(tmpdir(), 'bulkhead-bench-'))
const answering = join(folder, 'answering.wasm')
writeFileSync(answering, await answeringGuest())
const entry = (name, component) =>
  `[children.${name}]\ncomponent = ${JSON.stringify(component)}\n${pinned(component)}\n`
writeFileSync(
  join(folder, 'bulkhead.toml'),
  `[http]\nlisten = "127.0.0.1:0"\nroutes = { "/script/**" = "script", "/**" = "web" }
${entry('web', answering)}${entry('script', guestFile('http-service'))}`,
)
const runtime = await createTestRuntime({ tree: join(folder, 'bulkhead.toml') })
const plain = new Worker(
  `const { createServer } = require('node:http')
   const server = createServer((_request, response) => response.end('hello'))
   server.listen(0, '127.0.0.1', () => require('node:worker_threads').parentPort.postMessage(server.address().port))`,
  { eval: true },
)
const plainPort = await new Promise((resolve) => plain.once('message', resolve))
const agent = new Agent({ keepAlive: true, maxSockets: connections })

const p99 = { ours: [], script: [], plain: [] }
const ourPort = Number(new URL(runtime.http?.url ?? '').port)
const { ours, script, baseline } = await medians(rounds, {
  ours: () => load(ourPort, '/hello', p99.ours),
  script: () => load(ourPort, '/script/hello', p99.script),
  baseline: () => load(plainPort, '/hello', p99.plain),
})
const of = 'plain node:http in a worker'
printPair({ name: 'served HTTP request, 16 at a time', ours, baseline, unit: 'ms', of, aim: { ratioMax: 2 } })
printPair({ name: 'the same by a guest in JavaScript', ours: script, baseline, unit: 'ms', of })
printPair({ name: 'served HTTP request, p99', ours: last(p99.ours), baseline: last(p99.plain), unit: 'ms', of })

agent.destroy()
await runtime.stop()
await plain.terminate()
rmSync(folder, { recursive: true })

/** Milliseconds a request, over all; the 99th percentile of their times is added to `tails`. */
async function load(port, path, tails) {
  const times = []
  const began = performance.now()
  let left = requests
  const client = async () => {
    while (left > 0) {
      left -= 1
      const sent = performance.now()
      await ask(port, path)
      times.push(performance.now() - sent)
    }
  }
  await Promise.all(Array.from({ length: connections }, client))
  times.sort((a, b) => a - b)
  tails.push(times[Math.floor(times.length * 0.99)])
  return (performance.now() - began) / requests
}

function ask(port, path) {
  return new Promise((resolve, reject) => {
    const asked = request({ agent, host: '127.0.0.1', port, path }, (response) => {
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
