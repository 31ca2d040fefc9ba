import type { ExportedFunction } from '@bulkhead/contracts'
import type { Digest } from '@bulkhead/vocabulary'
import { ByteReader } from './wasm/byte-reader.js'
import { concatBytes } from './wasm/byte-writer.js'

/** What a component is for: has a `run`, answers HTTP, handles messages, or is called by name. */
export type ComponentKind = 'command' | 'service' | 'actor' | 'library'

/** The plain facts about a built component. */
export type ArtifactFacts = {
  /** Of everything but the custom sections, wherever they stand: what a child's past is kept under. */
  readonly codeDigest: Digest
  readonly kind: ComponentKind
  /** With versions: `wasi:cli/environment@0.2.12`. */
  readonly imports: readonly string[]
  readonly exports: readonly string[]
  /** What can be called by name, with complete types. */
  readonly functions: readonly ExportedFunction[]
  readonly embeddedManifest?: string
  readonly warnings: readonly string[]
}

/** Everything that a build makes: facts, glue as a script, its code cache, and core modules by file name. */
export type Artifact = {
  readonly facts: ArtifactFacts
  readonly glue: string
  readonly cachedData?: Uint8Array
  readonly modules: readonly { readonly name: string; readonly bytes: Uint8Array }[]
}

type Header = { readonly facts: ArtifactFacts; readonly cachedData: boolean; readonly modules: readonly string[] }

/** One buffer: the header, the glue, the code cache, the modules, each behind its length. */
export function encodeArtifact(artifact: Artifact): Uint8Array {
  const header: Header = {
    facts: artifact.facts,
    cachedData: artifact.cachedData !== undefined,
    modules: artifact.modules.map((module) => module.name),
  }
  const text = new TextEncoder()
  const parts = [
    text.encode(JSON.stringify(header)),
    text.encode(artifact.glue),
    ...(artifact.cachedData === undefined ? [] : [artifact.cachedData]),
    ...artifact.modules.map((module) => module.bytes),
  ]
  return concatBytes(parts.flatMap((part) => [lengthBytes(part.length), part]))
}

/**
 * The parts are views of the buffer. Only for a buffer whose origin was checked: the header is believed.
 *
 * @throws {BulkheadError} `component-invalid` when the lengths do not fit.
 */
export function decodeArtifact(bytes: Uint8Array): Artifact {
  const reader = new ByteReader(bytes)
  const text = new TextDecoder()
  const next = (): Uint8Array => {
    const length = reader.take(4)
    return reader.take(new DataView(length.buffer, length.byteOffset, 4).getUint32(0, true))
  }
  const header = JSON.parse(text.decode(next())) as Header
  const glue = text.decode(next())
  const cached = header.cachedData ? { cachedData: next() } : {}
  return { facts: header.facts, glue, ...cached, modules: header.modules.map((name) => ({ name, bytes: next() })) }
}

function lengthBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, length, true)
  return bytes
}
