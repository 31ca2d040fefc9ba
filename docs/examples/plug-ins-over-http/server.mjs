// The process: customers from a file, plug-ins over HTTP, until it is told to stop.
//
//   node server.mjs CUSTOMERS.json FOLDER [PORT]
import { readFileSync } from 'node:fs'
import { serve } from '@hono/node-server'
import { createApp } from './app.mjs'
import { PlugIns } from './plug-ins.mjs'

const [customersFile = '', folder = '', port = '8080'] = process.argv.slice(2)
const customers = JSON.parse(readFileSync(customersFile, 'utf8'))

const plugIns = new PlugIns(folder, customers)
const runtime = await plugIns.start({
  onDenied: ({ child, kind, action, resource }) => console.log(`denied   ${child} ${kind}.${action} ${resource}`),
  onHealth: ({ type, child, reason }) => {
    if (type === 'child.exited' || type === 'child.quarantined') console.log(`${type} ${child}: ${reason}`)
  },
})

const { fetch } = createApp(plugIns, runtime, customers)
const server = serve({ fetch, port: Number(port), hostname: '127.0.0.1' }, (address) => {
  console.log(`listening on http://127.0.0.1:${address.port}`)
})

/** Takes no more requests, answers those that are under way, then ends every plug-in and seals the audit log. */
async function stop() {
  await new Promise((resolve) => server.close(resolve))
  await runtime.stop()
  console.log('stopped')
}

for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT'])) process.once(signal, stop)
void runtime.gaveUp.then(async (reason) => {
  console.error(reason)
  process.exitCode = 5
  await stop()
})
