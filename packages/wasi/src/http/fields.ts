import type { HttpField } from '@bulkhead/host-services/client'
import { isFieldName, isFieldValue, isForbiddenField } from '@bulkhead/vocabulary'
import { httpFieldBytesMax, httpFieldNameUnitsMax, httpFieldsMax } from '../limits.js'
import type { InterfaceImplementation } from '../link.js'
import type { ResourceClass, ResourceState } from '../resource-class.js'
import { fail } from '../wasi-failure.js'

type Entry = readonly [name: string, value: string]

/**
 * What stands behind a `fields`: names compared without case, values in Latin-1, bounded in number and size. It holds none of
 * the fields that belong to a connection: those that a peer sent are left out, those that a guest writes are `forbidden`.
 */
export class Fields implements ResourceState {
  #entries: Entry[] = []
  #bytes = 0
  readonly #isMutable: boolean

  private constructor(isMutable: boolean) {
    this.#isMutable = isMutable
  }

  /** @throws `header-error` for a field that cannot be. */
  static mutable(entries: readonly (readonly [string, Uint8Array])[] = []): Fields {
    const fields = new Fields(true)
    for (const [name, value] of entries) fields.#add(name, value)
    return fields
  }

  /** What a peer sent, who keeps to bounds of others'; it cannot be changed. */
  static received(wire: readonly HttpField[]): Fields {
    const fields = new Fields(false)
    fields.#take(wire.filter(([name]) => !isForbiddenField(name)))
    return fields
  }

  /** The same as it is now, `fixed` or to be changed. */
  copy(how: 'fixed' | 'mutable'): Fields {
    const fields = new Fields(how === 'mutable')
    fields.#take(this.#entries)
    return fields
  }

  get wire(): readonly HttpField[] {
    return this.#entries
  }

  get(name: string): Uint8Array[] {
    const wanted = name.toLowerCase()
    return this.#entries.filter(([one]) => one.toLowerCase() === wanted).map(([, value]) => bytesOf(value))
  }

  set(name: string, values: readonly Uint8Array[]): void {
    const checked = values.map((value) => this.#check(name, value))
    this.delete(name)
    for (const value of checked) this.#append(name, value)
  }

  append(name: string, value: Uint8Array): void {
    this.#checkMutable()
    this.#add(name, value)
  }

  delete(name: string): void {
    this.#checkMutable()
    this.#checkName(name)
    const wanted = name.toLowerCase()
    this.#take(this.#entries.filter(([one]) => one.toLowerCase() !== wanted))
  }

  entries(): [string, Uint8Array][] {
    return this.#entries.map(([name, value]) => [name, bytesOf(value)])
  }

  drop(): void {}

  /** What `content-length` says; `undefined` where it says nothing that is a length. */
  get contentLength(): bigint | undefined {
    const [text, ...more] = this.#entries.filter(([name]) => name.toLowerCase() === 'content-length')
    return text === undefined || more.length > 0 || !/^\d{1,15}$/.test(text[1]) ? undefined : BigInt(text[1])
  }

  #checkMutable(): void {
    if (!this.#isMutable) fail({ tag: 'immutable' })
  }

  #checkName(name: string): void {
    if (name.length > httpFieldNameUnitsMax || !isFieldName(name)) fail({ tag: 'invalid-syntax' })
    if (isForbiddenField(name)) fail({ tag: 'forbidden' })
  }

  #check(name: string, value: Uint8Array): string {
    this.#checkMutable()
    this.#checkName(name)
    const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1')
    return isFieldValue(text) ? text : fail({ tag: 'invalid-syntax' })
  }

  #add(name: string, value: Uint8Array): void {
    this.#append(name, this.#check(name, value))
  }

  #append(name: string, value: string): void {
    const bytes = this.#bytes + name.length + value.length
    if (this.#entries.length >= httpFieldsMax || bytes > httpFieldBytesMax) fail({ tag: 'forbidden' })
    this.#bytes = bytes
    this.#entries.push([name, value])
  }

  #take(entries: readonly Entry[]): void {
    this.#entries = [...entries]
    this.#bytes = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  }
}

/** Exactly a `Uint8Array` of its own. */
function bytesOf(value: string): Uint8Array {
  return Uint8Array.from(Buffer.from(value, 'latin1'))
}

export function fieldsFunctions(fields: ResourceClass<Fields>): InterfaceImplementation['functions'] {
  return {
    '[constructor]fields': () => fields.mint(Fields.mutable()),
    '[static]fields.from-list': (entries: readonly (readonly [string, Uint8Array])[]) =>
      fields.mint(Fields.mutable(entries)),
    '[method]fields.get': (self: Fields, name: string) => self.get(name),
    '[method]fields.has': (self: Fields, name: string) => self.get(name).length > 0,
    '[method]fields.set': (self: Fields, name: string, values: readonly Uint8Array[]) => self.set(name, values),
    '[method]fields.delete': (self: Fields, name: string) => self.delete(name),
    '[method]fields.append': (self: Fields, name: string, value: Uint8Array) => self.append(name, value),
    '[method]fields.entries': (self: Fields) => self.entries(),
    '[method]fields.clone': (self: Fields) => fields.mint(self.copy('mutable')),
  }
}
