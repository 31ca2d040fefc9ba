// How soon an actor in a process of its own is ready beside a plain `fork` of an empty file to its first message: walls,
// Node, the bridge, its worker, the component's code over a socket, compiled and instantiated. Kill: to the end that was seen.
import { fork } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ComponentActor, detectWalls, openProcessChannel } from '@bulkhead/actor'
import { Journal } from '@bulkhead/audit'
import { ComponentBuilder, loadOrCreateCacheKey } from '@bulkhead/component'
import { joinContext } from '@bulkhead/security-context'
import { systemClock } from '@bulkhead/vocabulary'
import { artifactCache, workloadFile } from '../../../bench/build-guest.mjs'
import { medians, printPair } from '../../../bench/pair.mjs'

const memoryBytesMax = 64 * 1024 * 1024
const { up } = await detectWalls()
if (up.has('bubblewrap')) await measure()
else process.stderr.write('bubblewrap is not here: no process rung to measure\n')

async function measure() {
  mkdirSync(artifactCache, { recursive: true, mode: 0o700 })
  const builder = new ComponentBuilder({ cacheDirectory: artifactCache, cacheKey: loadOrCreateCacheKey(artifactCache) })
  const { component, portable } = await builder.portable({ file: await workloadFile() }, { memoryBytesMax })
  await builder.close()
  const originNs = process.hrtime.bigint()
  const journal = await Journal.open({ directory: undefined, monotonicOriginNs: originNs })
  let killMs = 0
  let incarnation = 0

  async function startActor() {
    const identity = { component: 'workload', incarnation: ++incarnation, trust: 'unknown', approval: 'approved' }
    const began = performance.now()
    const context = contextOf()
    const ring = journal.attach({ ...identity, digest: component.digest }, { attested: 'child' })
    const streams = { stdin: undefined, stdout: () => {}, stderr: () => {} }
    const channel = openProcessChannel({ executable: portable, context: context.worker })
    const actor = new ComponentActor(
      { executable: component.executable, context, deadlineMs: undefined, ...streams },
      { channel, ring, releaseRing: () => journal.release(ring.id), clock: systemClock, originNs },
    )
    await actor.ready
    const readyMs = performance.now() - began
    const killed = performance.now()
    await actor.kill()
    killMs = performance.now() - killed
    await actor.exited
    return readyMs
  }

  const { ready, kill, baseline } = await medians(9, {
    ready: startActor,
    kill: () => killMs,
    baseline: forkToMessage,
  })
  const of = 'fork to first message'
  printPair({ name: 'start of an actor in a walled process', ours: ready, baseline, unit: 'ms', of })
  printPair({ name: 'its kill, to the end that was seen', ours: kill, baseline, unit: 'ms', of })
  await journal.close()
}

async function forkToMessage() {
  const began = performance.now()
  const child = fork(fileURLToPath(import.meta.url).replace('process.bench.mjs', 'empty-process.mjs'), {
    stdio: 'ignore',
  })
  await new Promise((resolve) => child.once('message', resolve))
  const ready = performance.now()
  child.kill('SIGKILL')
  await new Promise((resolve) => child.once('exit', resolve))
  return ready - began
}

function contextOf() {
  return joinContext({
    ...{ principal: 'workload', componentId: 'workload', policyVersion: 1, layers: [], operator: [], deny: [] },
    ...{ forbidden: [], ownDirectories: [], mounts: [], args: ['workload', 'sleep', '-', '600'], environment: [] },
    limits: {
      memoryBytesMax,
      cpuPercent: 100,
      handlesMax: 256,
      pollablesMax: 256,
      randomBytesPerCallMax: 65_536,
      readBytesPerCallMax: 1_048_576,
    },
  })
}
