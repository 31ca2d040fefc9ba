import { setTimeout as sleep } from 'node:timers/promises'
import { instances, receivers, senders, victims } from './tree.mjs'

/** @typedef {import('bulkhead').Runtime} Runtime */

/** Longer than the longest pause before a restart. */
const idleMsMax = 60_000
const answerMs = 10_000

/** Whether all mailboxes are empty and have been for a moment. @param {Runtime} runtime */
export async function waitUntilIdle(runtime) {
  const until = performance.now() + idleMsMax
  let quiet = 0
  while (performance.now() < until && quiet < 8) {
    await sleep(250)
    const isIdle = runtime.messages().children.every(({ depth }) => depth === 0) && runtime.children().every(isAtRest)
    quiet = isIdle ? quiet + 1 : 0
  }
  return quiet >= 8
}

/** Those that live and do not answer a request. @param {Runtime} runtime @returns {Promise<string[]>} */
export async function silentActors(runtime) {
  const before = handled(runtime)
  const names = [...senders, ...receivers.values(), ...victims]
  const silent = []
  for (const name of names) {
    // Which member of a pool answers is chosen at random.
    const asks = name === 'pool' ? instances * 12 : 1
    for (let asked = 0; asked < asks; asked += 1) {
      const request = runtime.request(`cmd.${name}`, new TextEncoder().encode('sleep 1'), { timeoutMs: answerMs })
      if (
        !(await request.then(
          () => true,
          () => false,
        ))
      )
        silent.push(name)
    }
  }
  // A message counts as handled when its handler has returned: after the answer has arrived.
  await sleep(500)
  const after = handled(runtime)
  const living = runtime.children().filter(({ state }) => state === 'running')
  for (const { id } of living) if (after.get(id) === before.get(id)) silent.push(id)
  return [...new Set(silent)]
}

/** @param {Runtime} runtime */
function handled(runtime) {
  return new Map(runtime.messages().children.map(({ child, handled }) => [child, handled]))
}

/** @param {{ readonly state: string }} child */
function isAtRest({ state }) {
  return !['starting', 'backoff', 'evaluating', 'stopping', 'killing'].includes(state)
}
