// Starts the server, and is its customers: `npm run plug-ins-over-http`.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { buildExample } from './build.mjs'

await buildExample()
const folder = mkdtempSync(join(tmpdir(), 'bulkhead-plug-ins-'))
const customers = [
  { name: 'acme', plan: 'small' },
  { name: 'globex', plan: 'large' },
].map((customer) => ({ ...customer, token: randomBytes(16).toString('hex') }))
const customersFile = join(folder, 'customers.json')
writeFileSync(customersFile, JSON.stringify(customers), { mode: 0o600 })

const script = fileURLToPath(new URL('./server.mjs', import.meta.url))
const server = spawn(process.execPath, [script, customersFile, folder, '0'], { stdio: ['ignore', 'pipe', 'inherit'] })
const ended = new Promise((resolve) => server.once('exit', resolve))
const address = await new Promise((resolve, reject) => {
  createInterface(server.stdout).on('line', (line) => {
    const url = /^listening on (\S+)$/.exec(line)?.[1]
    if (url === undefined) console.log(`  server: ${line}`)
    else resolve(url)
  })
  server.once('exit', () => reject(new Error('the server did not start')))
})

/** @param {string} name @param {string} path @param {RequestInit} [init] */
async function ask(name, path, init = {}) {
  const token = customers.find((customer) => customer.name === name)?.token
  const response = await fetch(`${address}${path}`, { ...init, headers: { authorization: `Bearer ${token}` } })
  console.log(`${name} ${init.method ?? 'GET'} ${path} → ${response.status} ${await response.text()}`.trimEnd())
  return response.status
}

/** @param {string} name @param {string} plugIn */
function upload(name, plugIn) {
  const body = readFileSync(new URL(`./guests/${plugIn}.wasm`, import.meta.url))
  return ask(name, `/plug-ins/${plugIn}`, { method: 'PUT', body })
}

/** @param {string} name @param {string} plugIn @param {string} body */
function transform(name, plugIn, body) {
  return ask(name, `/plug-ins/${plugIn}/transform`, { method: 'POST', body })
}

try {
  for (const name of ['acme', 'globex']) await upload(name, 'shout')
  await transform('acme', 'shout', 'tea')
  await transform('acme', 'shout', 'tea')
  await transform('globex', 'shout', 'honey')
  await transform('globex', 'shout', '')

  for (const name of ['acme', 'globex']) await upload(name, 'nosy')
  await transform('acme', 'nosy', 'a refund, please')
  await transform('globex', 'nosy', 'a refund, please')

  await ask('acme', '/plug-ins/nosy', { method: 'DELETE' })
  await ask('acme', '/plug-ins/nosy', { method: 'PUT', body: 'this is no component' })
  await upload('acme', 'endless')
  await transform('acme', 'endless', 'soon')
  await upload('acme', 'nosy')
  await ask('mallory', '/plug-ins')
  await ask('acme', '/plug-ins')
  await ask('globex', '/readyz')
} finally {
  server.kill('SIGTERM')
  process.exitCode = Number(await ended)
  rmSync(folder, { recursive: true, force: true })
}
