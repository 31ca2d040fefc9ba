// Books what was sold. Says every second what came in. Who asks it to close is answered when every order has come through.
import { Message, publish } from 'messaging'
import { now, print } from 'wasi'

let booked: i32 = 0
let rejected: i32 = 0
let spam: i32 = 0
let cents: i64 = 0
/** How many orders there are to be, and who wants to know when they are all here. */
let expected: i32 = -1
let closing: string | null = null

let second: i32 = 0
let secondBegan: i64 = 0
let inThisSecond: i32 = 0

export function handle(message: Message): string | null {
  tick()
  const topic = message.subject
  if (topic == 'orders.priced') {
    booked++
    cents += <i64>parseInt(message.body.split(' ')[1])
  } else if (topic == 'orders.rejected') rejected++
  else if (topic == 'orders.spam') spam++
  else if (topic == 'shop.close') {
    expected = <i32>parseInt(message.body)
    closing = message.replyTo
  }
  if (topic == 'orders.priced' || topic == 'orders.rejected') inThisSecond++
  return booked + rejected == expected ? close() : null
}

function tick(): void {
  const instant = now()
  if (secondBegan == 0) secondBegan = instant
  while (instant - secondBegan >= 1_000_000_000) {
    second++
    print(`second ${second}: ${inThisSecond} orders`)
    inThisSecond = 0
    secondBegan += 1_000_000_000
  }
}

function close(): string | null {
  const change = (cents % 100).toString().padStart(2, '0')
  const day = `${booked} orders booked for ${cents / 100}.${change}, ${rejected} rejected, ${spam} were spam`
  const replyTo = closing
  return replyTo === null ? null : publish(replyTo, day)
}
