// Starts the tree, asks its service over HTTP, ends one instance in the middle of it, and stops.
import { fileURLToPath } from 'node:url'
import { createRuntime } from 'bulkhead'

const tree = fileURLToPath(new URL('./bulkhead.toml', import.meta.url))
const runtime = await createRuntime({ tree, http: { listen: '127.0.0.1:0' } })
const address = runtime.http?.url
console.log(`listening on ${address}`)

/** @param {string} method @param {string} path */
async function ask(method, path) {
  const response = await fetch(`${address}${path}`, { method })
  const text = await response.text()
  console.log(`${method} ${path} → ${response.status} ${text.trimEnd()}`)
  return Number(/ (\d+),/.exec(text)?.[1])
}

try {
  const before = await ask('GET', '/visits/ann')
  for (let visit = 0; visit < 3; visit++) await ask('POST', '/visits/ann')
  await ask('GET', '/visits/bob')
  await ask('GET', '/elsewhere')

  await runtime.terminateChild('root', 'counter')
  await ask('GET', '/visits/ann')
  await runtime.restartChild('root', 'counter')
  const after = await ask('POST', '/visits/ann')

  const { served, refused } = runtime.httpCounters('counter')
  console.log(`${served} requests served; every visit was counted: ${after === before + 4}`)
  process.exitCode = after === before + 4 && served > 0 && refused === 0 ? 0 : 1
} finally {
  await runtime.stop()
}
