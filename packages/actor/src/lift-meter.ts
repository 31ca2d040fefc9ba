// Bounds what the glue copies out of the guest's memory to make the arguments of one host call.
//
// The glue copies before any function of ours is called, and arguments may overlap: a list of a thousand lists that all lie
// at the same 40 MiB would make 40 GB in the host, outside of the heap that a worker is limited to. One text larger than
// that heap is worse: V8 ends the process for it, not the worker.

import { ResourceExceeded } from '@bulkhead/wasi'
import { liftedTextBytesMax } from './limits.js'

/** The built-ins through which the glue copies; those of the worker's own realm. */
export type LiftRealm = { TextDecoder: typeof TextDecoder; readonly ArrayBuffer: ArrayBufferConstructor }

/** Counts the bytes that were copied since the last host call began. */
export class LiftMeter {
  readonly #listBytesMax: number
  #listBytes = 0
  #textBytes = 0

  /** @param memoryBytesMax the guest's linear memory: honest arguments do not overlap, so together they are never more. */
  constructor(memoryBytesMax: number) {
    this.#listBytesMax = memoryBytesMax
  }

  /** The arguments of a host call are complete: the next copies belong to the next call. */
  reset(): void {
    this.#listBytes = 0
    this.#textBytes = 0
  }

  /** @throws {ResourceExceeded} before the copy, when it is too much for one call. */
  list(bytes: number): void {
    this.#listBytes += bytes
    if (this.#listBytes > this.#listBytesMax) throw exceeded('argument-bytes', this.#listBytesMax)
  }

  /** @throws {ResourceExceeded} before the decoding, when it is too much for one call. */
  text(bytes: number): void {
    this.#textBytes += bytes
    if (this.#textBytes > liftedTextBytesMax) throw exceeded('argument-text-bytes', liftedTextBytesMax)
  }
}

/** Puts the meter before the built-ins of a realm in which nothing but one guest's glue and our own functions run. */
export function meterLifts(realm: LiftRealm, meter: LiftMeter): void {
  const Decoder = realm.TextDecoder
  realm.TextDecoder = class extends Decoder {
    override decode(
      input?: ArrayBuffer | NodeJS.ArrayBufferView | null,
      options?: { readonly stream?: boolean },
    ): string {
      meter.text(input?.byteLength ?? 0)
      return super.decode(input, options)
    }
  }
  const { slice } = realm.ArrayBuffer.prototype
  const metered = function (this: ArrayBuffer, begin = 0, end = this.byteLength): ArrayBuffer {
    meter.list(Math.min(this.byteLength, Math.abs(end - begin)))
    return slice.call(this, begin, end)
  }
  Object.defineProperty(realm.ArrayBuffer.prototype, 'slice', { value: metered, writable: true, configurable: true })
}

function exceeded(resource: string, limit: number): ResourceExceeded {
  return new ResourceExceeded(resource, limit, `more than ${limit} bytes in the arguments of one host call`)
}
