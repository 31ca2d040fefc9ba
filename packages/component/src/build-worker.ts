// The thread that touches strangers' bytes: it adapts, verifies and transpiles, one component at a time. It is thrown
// away after any failure, because a panic of the transpiler poisons every later call in its realm.
import type { MessagePort } from 'node:worker_threads'
import { wireFromUnknown } from '@bulkhead/vocabulary'
import { encodeArtifact } from './artifact.js'
import { type BuildStep, buildArtifact } from './build-artifact.js'
import type { BuildOutcome, BuildTask } from './build-protocol.js'
import { describe } from './describe.js'

export type WorkerTask = { readonly task: BuildTask; readonly steps: MessagePort }

/** The function that the pool calls, by this name. */
export async function run({ task, steps }: WorkerTask): Promise<BuildOutcome> {
  try {
    if (task.kind === 'describe') return { kind: 'described', description: await describe(task.bytes) }
    const { bytes, memoryBytesMax, interfaces } = task
    const onStep = (step: BuildStep): void => steps.postMessage(step)
    const artifact = await buildArtifact(bytes, { memoryBytesMax, interfaces, onStep })
    return { kind: 'built', artifact: encodeArtifact(artifact) }
  } catch (thrown) {
    return { kind: 'failed', error: wireFromUnknown(thrown) }
  } finally {
    steps.close()
  }
}
