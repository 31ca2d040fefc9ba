// guests/worker.ts: takes orders for a thing, asks the catalogue what it costs, and says so on `done.THING`.
import { Message, publish, request } from 'messaging'

/** @returns what it could not do; its operator hears of it */
export function handle(message: Message): string | null {
  const thing = message.body
  if (thing == 'piano') unreachable() // Some orders are too heavy for any worker.
  const answer = request('price.' + thing, '', 1000)
  const price = answer.message
  if (price === null) return 'no price: ' + answer.error!
  if (price.body == 'unknown') return 'there is no ' + thing
  return publish('done.' + thing, thing + ' for ' + price.body)
}
