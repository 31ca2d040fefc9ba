// The application: who asks, which plug-in is meant, and what is answered.
import { createHash, timingSafeEqual } from 'node:crypto'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import { answerTo } from './statuses.mjs'

const plugInBytesMax = 8 * 1024 * 1024
const textBytesMax = 64 * 1024
const nameOfPlugIn = /^[a-z][a-z0-9-]{0,30}$/

/** @typedef {import('./plug-ins.mjs').Customer & { readonly token: string }} CustomerWithToken */

/**
 * @param {import('./plug-ins.mjs').PlugIns} plugIns
 * @param {Pick<import('bulkhead').Runtime, 'health'>} runtime
 * @param {readonly CustomerWithToken[]} customers
 */
export function createApp(plugIns, runtime, customers) {
  /** @type {Hono<{ Variables: { customer: CustomerWithToken } }>} */
  const app = new Hono()
  const tokens = customers.map((customer) => ({ customer, digest: digestOf(customer.token) }))

  app.get('/livez', (c) => (runtime.health().live ? c.text('ok') : c.text('not live', 503)))
  app.get('/readyz', (c) => {
    const { ready, reasons } = runtime.health()
    return ready ? c.text('ok') : c.text(reasons.join('\n'), 503)
  })

  app.use('/plug-ins/*', async (c, next) => {
    const given = digestOf(/^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1] ?? '')
    const customer = tokens.find(({ digest }) => timingSafeEqual(digest, given))?.customer
    if (customer === undefined) return c.json({ error: 'unauthorized' }, 401, { 'www-authenticate': 'Bearer' })
    c.set('customer', customer)
    return await next()
  })
  app.use('/plug-ins/:name/*', async (c, next) => {
    if (nameOfPlugIn.test(c.req.param('name'))) return await next()
    return c.json({ error: 'usage', message: 'a name is lower-case letters, digits and `-`' }, 400)
  })

  app.get('/plug-ins', (c) => c.json(plugIns.list(c.get('customer'))))
  app.put('/plug-ins/:name', bodyLimit({ maxSize: plugInBytesMax }), async (c) => {
    await plugIns.install(c.get('customer'), c.req.param('name'), new Uint8Array(await c.req.arrayBuffer()))
    return c.body(null, 204)
  })
  app.delete('/plug-ins/:name', async (c) => {
    await plugIns.remove(c.get('customer'), c.req.param('name'))
    return c.body(null, 204)
  })
  app.post('/plug-ins/:name/transform', bodyLimit({ maxSize: textBytesMax }), async (c) => {
    const [customer, name] = [c.get('customer'), c.req.param('name')]
    // Whose it is, is a matter of the token alone: another customer's plug-ins cannot even be named.
    if (!plugIns.has(customer, name)) return c.json({ error: 'not-found' }, 404)
    const text = await c.req.text()
    // Aborted when the customer hangs up: then nobody waits for the answer any more.
    const { signal } = c.req.raw
    try {
      return c.text(await plugIns.transform(customer, name, text, signal))
    } catch (error) {
      // What is thrown is what the signal was aborted with, and with this server that is no `Error`.
      if (!signal.aborted) throw error
      console.log(`hung up  ${customer.name} ${name}`)
      return c.body(null, 408)
    }
  })

  app.notFound((c) => c.json({ error: 'not-found' }, 404))
  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse()
    const { status, body } = answerTo(error, c.get('customer').name)
    if (status === 500) console.error(error)
    if (status === 429 || status === 503) c.header('retry-after', '1')
    return c.json(body, status)
  })
  return app
}

/** @param {string} token */
function digestOf(token) {
  return createHash('sha256').update(token).digest()
}
