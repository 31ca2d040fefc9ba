// Takes orders: publishes as many as its arguments say, so many a second, then asks the book to close and ends with the day.
// Arguments: COUNT PER-SECOND
import { publish, request } from 'messaging'
import { args, exit, print, sleep } from 'wasi'

const items = ['tea', 'honey', 'flour', 'saffron', 'unicorn']
/** What is held back is offered again so often, a pause apart. */
const attemptsMax = 50
const pauseMs = 20
/** The last orders are on their way that long at most. */
const closingMs = 10_000

export function run(): void {
  const words = args()
  const count = <i32>parseInt(words[0])
  const pause = 1000 / <i64>parseInt(words[1])
  for (let id = 1; id <= count; id++) {
    offer('orders.new', order(id))
    if (id == count / 4) {
      print('a quarter is in; the shop gets busy')
      offer('shop.busy', 'welcome')
    }
    sleep(pause)
  }
  print(`all ${count} orders are in`)
  const answer = request('shop.close', count.toString(), closingMs)
  const day = answer.message
  print(day === null ? `the book does not close: ${answer.error!}` : day.body)
  exit(day === null)
}

/** Every tenth wants nothing, every hundredth what nobody sells. */
function order(id: i32): string {
  const item = id % 100 == 0 ? 4 : id % 4
  const quantity = id % 10 == 5 ? 0 : (id % 7) + 1
  return `{"id":${id},"item":"${items[item]}","quantity":${quantity}}`
}

/** A full mailbox says so at once; waiting is up to the sender. */
function offer(topic: string, body: string): void {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const error = publish(topic, body)
    if (error === null) return
    if (error != 'overloaded') {
      print(`${topic}: ${error}`)
      return
    }
    sleep(pauseMs)
  }
  print(`${topic}: still overloaded`)
}
