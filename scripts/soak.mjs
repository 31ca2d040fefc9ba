// `npm run soak -- --seconds N [--seed S] [--stall MS]`: a real tree in this process whose senders and receivers crash, spin
// until their deadline and lose and regain their grants at random, while every message is followed; with `--stall` the host's
// event loop stands still for so long, again and again. At the end each message that was committed has exactly one fate, each
// sender's death left at most one message uncommitted, the memory is what it was after the warm-up, and every actor that
// lives answers. The last line says so; exit code 1 when it was not so.
import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createRuntime } from 'bulkhead'
import { Chaos } from './soak/chaos.mjs'
import { Fates } from './soak/fates.mjs'
import { listenTo } from './soak/listen.mjs'
import { randomFrom } from './soak/random.mjs'
import { silentActors, waitUntilIdle } from './soak/rest.mjs'
import { writeSoakTree } from './soak/tree.mjs'

const options = /** @type {const} */ ({
  seconds: { type: 'string' },
  seed: { type: 'string' },
  stall: { type: 'string' },
})
const { values } = parseArgs({ options })
const seconds = Number(values.seconds ?? 60)
const seed = Number(values.seed ?? Date.now() % 1_000_000)
const stallMs = Number(values.stall ?? 0)
const progressMs = 5000
/**
 * A dozen threads that die and are made anew grow their heaps, and the allocator its pools for them, for some five minutes;
 * then both stay as they are (measured over twenty). What counts as growth is what comes after.
 */
const warmUpMs = Math.min(300_000, (seconds * 1000) / 2)
/** The memory may grow by a tenth and by this much, for what the collector has not seen yet. */
const growthMiBMax = 48

console.log(`soak of ${seconds} s, seed ${seed}`)
const tree = writeSoakTree()
const runtime = await createRuntime({ tree })
const fates = new Fates()
const heard = listenTo(runtime, fates)
const chaos = new Chaos(runtime, fates, heard, randomFrom(seed))

const beganMs = performance.now()
const elapsedMs = () => performance.now() - beganMs
let warmMiB = 0
let nextMs = progressMs
const running = chaos.run()
const stalls = stallMs > 0 ? setInterval(() => standStill(stallMs), stallMs + 20) : undefined
while (elapsedMs() < seconds * 1000) {
  await sleep(250)
  heard.collectLetters()
  fates.settle()
  if (warmMiB === 0 && elapsedMs() >= warmUpMs) warmMiB = residentMiB()
  if (elapsedMs() < nextMs) continue
  nextMs += progressMs
  console.log(
    `${Math.round(elapsedMs() / 1000)} s  ${fates.summary()}, ${fates.open} open; ${heard.summary()}; ${residentMiB()} MiB`,
  )
}
chaos.stop()
clearInterval(stalls)
await running

const wrongs = []
if (!(await waitUntilIdle(runtime))) wrongs.push('messages still wait in mailboxes that nobody reads')
const endMiB = residentMiB()
for (const name of await silentActors(runtime)) wrongs.push(`${name} does not answer`)
heard.collectLetters()
await runtime.stop()
heard.collectLetters()
fates.settle()
fates.end(heard.kills)
rmSync(dirname(tree), { recursive: true, force: true })

if (endMiB > warmMiB * 1.1 + growthMiBMax) wrongs.push(`memory grew from ${warmMiB} to ${endMiB} MiB`)
wrongs.push(...fates.wrongs)
for (const wrong of wrongs) console.log(`wrong: ${wrong}`)
const verdict = wrongs.length === 0 ? 'ok: every message has one fate' : `FAILED (${wrongs.length} wrong)`
console.log(`${verdict}; ${fates.summary()}; ${heard.summary()}; ${warmMiB} → ${endMiB} MiB; seed ${seed}`)
process.exitCode = wrongs.length === 0 ? 0 : 1

/** @param {number} forMs */
function standStill(forMs) {
  for (const untilMs = performance.now() + forMs; performance.now() < untilMs; );
}

function residentMiB() {
  globalThis.gc?.()
  return Math.round(process.memoryUsage().rss / 2 ** 20)
}
