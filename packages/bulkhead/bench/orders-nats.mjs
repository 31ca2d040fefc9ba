// The baseline of orders.bench.mjs: each stage a thread with a connection of its own to nats-server.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { NatsConnection } from './nats-connection.mjs'

const port = 42_229

/** @param {readonly string[]} items @returns nothing where there is no `nats-server` */
export async function natsPipeline(items) {
  const server = spawn('nats-server', ['-a', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  const failed = await Promise.race([once(server, 'error').then(() => true), once(server, 'spawn').then(() => false)])
  if (failed) return undefined
  await listening()
  const stage = async (/** @type {string} */ role) => {
    const thread = new Worker(new URL('./orders-nats-stage.mjs', import.meta.url), {
      workerData: { role, port, items },
    })
    await once(thread, 'message')
    return thread
  }
  const threads = await Promise.all(['book', 'catalogue', 'price', 'validate', 'validate', 'validate'].map(stage))
  const host = await NatsConnection.open(port)
  let sent = 0
  return {
    /** @param {number} orders @param {(id: number) => string} order */
    round: async (orders, order) => {
      const began = process.hrtime.bigint()
      for (let index = 0; index < orders; index += 1) host.publish('orders.new', order(++sent))
      await host.request('shop.close', String(sent))
      return Number(process.hrtime.bigint() - began) / orders
    },
    end: async () => {
      host.close()
      await Promise.all(threads.map((thread) => thread.terminate()))
      server.kill()
      await once(server, 'close')
    },
  }
}

async function listening() {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const socket = connect(port, '127.0.0.1')
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (open) return
    await sleep(50)
  }
  throw new Error(`nats-server does not listen on port ${port}`)
}
