// guests/catalogue.ts: knows what things cost, and answers who asks on `price.THING`.
import { Message, publish } from 'messaging'

const prices = new Map<string, string>()
prices.set('chair', '40')
prices.set('table', '120')

export function handle(message: Message): string | null {
  const replyTo = message.replyTo
  if (replyTo === null) return 'whoever asks for a price wants an answer'
  const thing = message.subject.substring('price.'.length)
  return publish(replyTo, prices.has(thing) ? prices.get(thing) : 'unknown')
}
