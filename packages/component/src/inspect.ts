import { createHash } from 'node:crypto'
import { type Digest, Fault, parseDigest } from '@bulkhead/vocabulary'
import { BuildChild } from './build-child.js'
import type { Description } from './describe.js'
import { buildMemoryBytesMax, transpileMsMax } from './limits.js'
import { readComponentFile } from './read-component-file.js'

/** What a file is and what it would need, without building or running it. */
export type Inspection = Description & { readonly sizeBytes: number; readonly digest: Digest }

/**
 * Describes a component or core module, in a build process of its own: also a file that could not be run.
 *
 * @param source a path, or the bytes.
 * @throws {BulkheadError} `component-not-found`, `component-invalid`, `component-too-large`.
 * @example
 * ```ts
 * const { format, imports, needs } = await inspect('app.wasm')
 * ```
 */
export async function inspect(source: string | Uint8Array): Promise<Inspection> {
  const bytes = typeof source === 'string' ? await readComponentFile(source) : source
  const digest = parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`)
  const child = new BuildChild({ memoryBytesMax: buildMemoryBytesMax })
  try {
    const task = { kind: 'describe', bytes, deadlineMs: transpileMsMax } as const
    const outcome = await child.run(task, () => {}, new AbortController().signal)
    if (outcome.kind !== 'described') throw new Fault('internal', 'the build process answered another question')
    return { ...outcome.description, sizeBytes: bytes.length, digest }
  } finally {
    child.close()
  }
}
