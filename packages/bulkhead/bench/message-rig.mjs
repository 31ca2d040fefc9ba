// Trees for the benchmarks of messages: in a directory that goes with them, without quotas that would be measured instead.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createRuntime } from 'bulkhead'
import { artifactCache } from '../../../bench/build-guest.mjs'
import { writeMessageTree } from '../../../test/support/message-tree.mjs'

/** As many messages as anybody sends. */
export const anyRate = 'messages = "1000000/s"'

/** A guest that `test/guests/build.mjs` built. @param {string} name */
export function guest(name) {
  return fileURLToPath(new URL(`../../../test/guests/build/${name}.wasm`, import.meta.url))
}

/**
 * Starts a tree, hands it to `measure`, and leaves nothing of it behind.
 *
 * @template T
 * @param {Parameters<typeof writeMessageTree>[1]} children
 * @param {(runtime: import('bulkhead').Runtime) => Promise<T>} measure
 */
export async function withTree(children, measure) {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-bench-'))
  const runtime = await createRuntime({ tree: writeMessageTree(folder, children), cache: artifactCache })
  try {
    return await measure(runtime)
  } finally {
    await runtime.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {string} text */
export function encoded(text) {
  return new TextEncoder().encode(text)
}
