// Honest: writes down ticks, and what is no tick. One that is missing, or comes late, is noticed.
import { Message, publish } from 'messaging'
import { print } from 'wasi'

const reportEvery = 100
let ticks = 0
let missing = 0
let spam = 0

export function handle(message: Message): string | null {
  if (message.subject == 'ledger.spam') {
    spam++
  } else if (message.subject == 'ledger.tick') {
    const tick = <i32>parseInt(message.body)
    if (tick != ticks + 1) missing++
    ticks = tick
    if (tick % reportEvery == 0) print(`${tick} ticks, ${missing} missing`)
  } else if (message.replyTo !== null) {
    const expected = <i32>parseInt(message.body)
    const all = missing == 0 && ticks == expected
    const verdict = all ? 'none missing' : `${missing + expected - ticks} missing`
    publish(message.replyTo!, `${verdict}: ${ticks} ticks of ${expected} heard in order, and ${spam} times spam`)
  }
  return null
}
