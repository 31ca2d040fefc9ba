// How soon a crashed actor runs again beside `new Worker` of an empty file to its first message. The guest reads the
// clock and traps; what follows is the real thing: the trap is reported, the thread's end is seen, its ring drained, a warm
// spare takes over, and is ready when the guest's entry point is about to be called. Supervision and backoff stand above.
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { actorRig } from '../../../bench/actor-rig.mjs'
import { medians, printPair } from '../../../bench/pair.mjs'

const emptyThread = new URL('../../../bench/empty-thread.mjs', import.meta.url)
/** Long enough for a taken spare to be replaced: a child that crashes more often than this waits for its backoff anyway. */
const sparesRefilledMs = 250

const rig = await actorRig(2)
let seenToReadyMs = 0

/** Milliseconds from the guest's last reading of the clock to the next incarnation's readiness. */
async function crashToReady() {
  await sleep(sparesRefilledMs)
  let output = ''
  const crashing = rig.start('crash', 1, (chunk) => {
    output += Buffer.from(chunk).toString('latin1')
  })
  const report = await crashing.exited
  const seen = process.hrtime.bigint()
  const next = rig.start('sleep', 600)
  await next.ready
  const ready = process.hrtime.bigint()
  if (report.class !== 'crash') throw new Error(`the guest did not crash: ${JSON.stringify(report)}`)
  await next.kill()
  await next.exited
  seenToReadyMs = Number(ready - seen) / 1e6
  return Number(ready - rig.originNs - BigInt(output)) / 1e6
}

async function workerToMessage() {
  await sleep(sparesRefilledMs)
  const began = process.hrtime.bigint()
  const worker = new Worker(emptyThread)
  await new Promise((resolve) => worker.once('message', resolve))
  const ready = process.hrtime.bigint()
  await worker.terminate()
  return Number(ready - began) / 1e6
}

const { crash, seen, baseline } = await medians(15, {
  crash: crashToReady,
  seen: () => seenToReadyMs,
  baseline: workerToMessage,
})
const of = 'new Worker to first message'
printPair({
  name: 'exit seen to ready again, warm spare',
  ours: seen,
  baseline,
  unit: 'ms',
  of,
  aim: { ratioMax: 1 / 6 },
})
printPair({ name: 'crash to ready again, warm spare', ours: crash, baseline, unit: 'ms', of, aim: { ratioMax: 0.5 } })
await rig.close()
