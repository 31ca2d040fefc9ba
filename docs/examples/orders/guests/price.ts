// Asks the catalogue what an item costs, and passes the order on with its total in cents.
import { Message, publish, request } from 'messaging'

const timeoutMs = 2000

export function handle(message: Message): string | null {
  const words = message.body.split(' ')
  const answer = request('catalogue.price', words[1], timeoutMs)
  const found = answer.message
  if (found === null) return `the catalogue does not answer: ${answer.error!}`
  if (found.body == 'unknown') return publish('orders.rejected', `${words[0]} wants ${words[1]}, which nobody sells`)
  const total = <i64>parseInt(found.body) * <i64>parseInt(words[2])
  return publish('orders.priced', `${words[0]} ${total}`)
}
