import { httpFieldBytesMax, httpFieldsMax } from '../limits.js'
import type { InterfaceImplementation } from '../link.js'
import type { ResourceClass, ResourceState } from '../resource-class.js'
import { fail } from '../wasi-failure.js'

type Entry = readonly [name: string, value: Uint8Array]

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/

/** What stands behind a `fields`: names compared without case, values as bytes, bounded in number and size. */
export class Fields implements ResourceState {
  #entries: Entry[] = []
  #bytes = 0
  readonly immutable: boolean

  constructor(entries: readonly Entry[] = [], immutable = false) {
    for (const [name, value] of entries) this.#add(name, value)
    this.immutable = immutable
  }

  get(name: string): Uint8Array[] {
    const wanted = name.toLowerCase()
    return this.#entries.filter(([one]) => one.toLowerCase() === wanted).map(([, value]) => value)
  }

  set(name: string, values: readonly Uint8Array[]): void {
    this.delete(name)
    for (const value of values) this.#add(name, value)
  }

  append(name: string, value: Uint8Array): void {
    this.#checkMutable()
    this.#add(name, value)
  }

  delete(name: string): void {
    this.#checkMutable()
    if (!token.test(name)) fail({ tag: 'invalid-syntax' })
    const wanted = name.toLowerCase()
    this.#entries = this.#entries.filter(([one]) => one.toLowerCase() !== wanted)
    this.#bytes = this.#entries.reduce((sum, [one, value]) => sum + one.length + value.byteLength, 0)
  }

  entries(): Entry[] {
    return this.#entries.map(([name, value]) => [name, value])
  }

  drop(): void {}

  #checkMutable(): void {
    if (this.immutable) fail({ tag: 'immutable' })
  }

  #add(name: string, value: Uint8Array): void {
    if (!token.test(name) || value.some((byte) => byte === 0 || byte === 10 || byte === 13))
      fail({ tag: 'invalid-syntax' })
    const bytes = this.#bytes + name.length + value.byteLength
    if (this.#entries.length >= httpFieldsMax || bytes > httpFieldBytesMax) fail({ tag: 'forbidden' })
    this.#bytes = bytes
    this.#entries.push([name, value.slice()])
  }
}

export function fieldsFunctions(fields: ResourceClass<Fields>): InterfaceImplementation['functions'] {
  return {
    '[constructor]fields': () => fields.mint(new Fields()),
    '[static]fields.from-list': (entries: readonly Entry[]) => fields.mint(new Fields(entries)),
    '[method]fields.get': (self: Fields, name: string) => self.get(name),
    '[method]fields.has': (self: Fields, name: string) => self.get(name).length > 0,
    '[method]fields.set': (self: Fields, name: string, values: readonly Uint8Array[]) => self.set(name, values),
    '[method]fields.delete': (self: Fields, name: string) => self.delete(name),
    '[method]fields.append': (self: Fields, name: string, value: Uint8Array) => self.append(name, value),
    '[method]fields.entries': (self: Fields) => self.entries(),
    '[method]fields.clone': (self: Fields) => fields.mint(new Fields(self.entries())),
  }
}
