// Honest: publishes numbered ticks, then asks the ledger how many it has heard.
// Arguments: COUNT PER-SECOND
import { publish, request } from 'messaging'
import { args, exit, print, sleep } from 'wasi'

const attemptsMax = 50
const pauseMs = 20
const closingMs = 20_000

export function run(): void {
  const words = args()
  const count = <i32>parseInt(words[0])
  const pause = 1000 / <i64>parseInt(words[1])
  for (let tick = 1; tick <= count; tick++) {
    send(tick.toString())
    sleep(pause)
  }
  const answer = request('ledger.close', count.toString(), closingMs)
  const said = answer.message
  print(said === null ? `the ledger does not answer: ${answer.error!}` : said.body)
  exit(said === null || !said.body.startsWith('none missing'))
}

/** Who has no room says so at once; waiting is up to the sender. */
function send(body: string): void {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const error = publish('ledger.tick', body)
    if (error === null) return
    if (error != 'overloaded') print(`ledger.tick ${body}: ${error}`)
    sleep(pauseMs)
  }
  print(`ledger.tick ${body}: given up`)
}
