// One stage of orders-nats.mjs.
import { parentPort, workerData } from 'node:worker_threads'
import { NatsConnection } from './nats-connection.mjs'

const { role, port } = workerData
const nats = await NatsConnection.open(port)
const prices = new Map([
  ['tea', '450'],
  ['honey', '725'],
  ['flour', '180'],
  ['saffron', '1990'],
])

const stages = {
  validate: () =>
    nats.subscribe('orders.new', 'validate', (body) => {
      const { id, item, quantity } = JSON.parse(body)
      const isOrder = Number.isInteger(id) && /^[a-z]+$/.test(item) && quantity >= 1 && quantity <= 99
      if (isOrder) nats.publish('orders.valid', `${id} ${item} ${quantity}`)
    }),
  // Many orders wait for the catalogue at once here; an actor and a process of Erlang handle one at a time.
  price: () =>
    nats.subscribe('orders.valid', '', async (body) => {
      const [id, item, quantity] = body.split(' ')
      const cents = await nats.request('catalogue.price', item)
      nats.publish('orders.priced', `${id} ${Number(cents) * Number(quantity)}`)
    }),
  catalogue: () =>
    nats.subscribe('catalogue.price', '', (item, replyTo) => nats.publish(replyTo, prices.get(item) ?? 'unknown')),
  book: () => {
    let booked = 0
    let cents = 0
    let closing
    const closeWhenAllAreHere = () => {
      if (closing !== undefined && booked === closing.expected) nats.publish(closing.replyTo, `${booked} for ${cents}`)
    }
    nats.subscribe('orders.priced', '', (body) => {
      booked += 1
      cents += Number(body.split(' ')[1])
      closeWhenAllAreHere()
    })
    nats.subscribe('shop.close', '', (body, replyTo) => {
      closing = { expected: Number(body), replyTo }
      closeWhenAllAreHere()
    })
  },
}

stages[role]()
await nats.flushed()
parentPort.postMessage('ready')
