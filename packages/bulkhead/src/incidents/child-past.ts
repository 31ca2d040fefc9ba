import type { HealthEvent } from '@bulkhead/vocabulary'
import { pastEventsMax, pastLogBytesMax, pastsMax } from './limits.js'

/** The last bytes of an output. Copied together: a guest that writes byte by byte must not make an object for each byte. */
export class OutputTail {
  readonly #ring = new Uint8Array(pastLogBytesMax)
  /** Bytes that ever came. */
  #total = 0

  add(chunk: Uint8Array): void {
    const size = this.#ring.length
    const last = chunk.subarray(-size)
    const at = (this.#total + chunk.length - last.length) % size
    const first = last.subarray(0, size - at)
    this.#ring.set(first, at)
    this.#ring.set(last.subarray(first.length), 0)
    this.#total += chunk.length
  }

  get bytes(): Uint8Array {
    const size = this.#ring.length
    if (this.#total <= size) return this.#ring.slice(0, this.#total)
    const at = this.#total % size
    return Buffer.concat([this.#ring.subarray(at), this.#ring.subarray(0, at)])
  }
}

type Past = { readonly events: HealthEvent[]; log?: OutputTail }

/** What happened to children lately, and what they wrote: at hand should one of them become an incident. */
export class ChildPasts {
  /** The one that was quiet longest stands first. */
  readonly #pasts = new Map<string, Past>()

  note(child: string, event: HealthEvent): void {
    const { events } = this.#of(child)
    events.push(event)
    if (events.length > pastEventsMax) events.shift()
  }

  wrote(child: string, chunk: Uint8Array): void {
    const past = this.#of(child)
    past.log ??= new OutputTail()
    past.log.add(chunk)
  }

  /** Events, oldest first, and the last of its output. */
  of(child: string): { readonly events: readonly HealthEvent[]; readonly log: Uint8Array } {
    const past = this.#pasts.get(child)
    return { events: [...(past?.events ?? [])], log: past?.log?.bytes ?? new Uint8Array() }
  }

  forget(child: string): void {
    this.#pasts.delete(child)
  }

  #of(child: string): Past {
    const past = this.#pasts.get(child) ?? { events: [] }
    this.#pasts.delete(child)
    this.#pasts.set(child, past)
    const [quiet] = this.#pasts.keys()
    if (this.#pasts.size > pastsMax && quiet !== undefined) this.#pasts.delete(quiet)
    return past
  }
}
