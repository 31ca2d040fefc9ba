import { jsNameOf } from '../js-names.js'
import { valuePartsMax } from '../limits.js'
import { isNullable } from '../value-check.js'
import type { Case, ValueType } from '../value-type.js'
import { type NumberCoding, numberCoding } from './numbers.js'
import { ValueProblem } from './value-problem.js'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads what a `ValueEncoder` wrote, by anybody: what comes out is a value of its type, as the glue represents it, or a
 * `ValueProblem`. So decoding is the check.
 */
export class ValueDecoder {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0
  #partsLeft = valuePartsMax

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** @throws {ValueProblem} */
  value(type: ValueType): unknown {
    this.#takeParts(1)
    const coding = numberCoding(type.kind)
    return coding === undefined ? this.#compound(type) : coding.get(this.#view, this.#move(coding.bytes))
  }

  u8(): number {
    return this.#view.getUint8(this.#move(1))
  }

  u32(): number {
    return this.#view.getUint32(this.#move(4), true)
  }

  /** @throws {ValueProblem} where anything is left. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw this.#broken('bytes behind the last value')
  }

  #compound(type: ValueType): unknown {
    switch (type.kind) {
      case 'bool':
        return this.#choice(2) === 1
      case 'char':
        return this.#char()
      case 'string':
        return this.#text()
      case 'list':
        return this.#list(type.element)
      case 'tuple':
        return type.items.map((item) => this.value(item))
      case 'record':
        return Object.fromEntries(type.fields.map((field) => [jsNameOf(field.name), this.value(field.type)]))
      case 'flags':
        return Object.fromEntries(type.names.map((name) => [jsNameOf(name), this.value({ kind: 'bool' })]))
      case 'enum':
        return type.names[this.#index(type.names.length)]
      case 'variant':
        return this.#variant(type.cases)
      case 'result': {
        const isOk = this.#index(2) === 0
        const payload = isOk ? type.ok : type.error
        return { tag: isOk ? 'ok' : 'err', val: payload === undefined ? undefined : this.value(payload) }
      }
      case 'option':
        if (isNullable(type.value)) return this.#variant([{ name: 'none' }, { name: 'some', type: type.value }])
        return this.#choice(2) === 1 ? this.value(type.value) : undefined
      default:
        throw this.#broken('a type that no value has')
    }
  }

  #char(): string {
    const code = this.u32()
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw this.#broken('a character that there is not')
    return String.fromCodePoint(code)
  }

  #text(): string {
    const bytes = this.#blob()
    try {
      return utf8.decode(bytes)
    } catch {
      throw this.#broken('a text that is not UTF-8')
    }
  }

  #list(element: ValueType): unknown {
    if (element.kind === 'u8') return Uint8Array.from(this.#blob())
    const count = this.u32()
    // Every value takes a byte at least, and no list is made before its parts are there.
    this.#takeParts(0, count)
    if (count > this.#bytes.length - this.#at) throw this.#broken('it ends in the middle')
    const coding: NumberCoding | undefined = numberCoding(element.kind)
    const items = Array.from({ length: count }, () => this.value(element))
    return coding === undefined ? items : coding.array(items as (number | bigint)[])
  }

  #variant(cases: readonly Case[]): unknown {
    const one = cases[this.#index(cases.length)]
    return one?.type === undefined ? { tag: one?.name } : { tag: one.name, val: this.value(one.type) }
  }

  #blob(): Uint8Array {
    const length = this.u32()
    const from = this.#move(length)
    return this.#bytes.subarray(from, from + length)
  }

  #choice(count: number): number {
    const choice = this.u8()
    if (choice >= count) throw this.#broken('a choice that there is not')
    return choice
  }

  #index(count: number): number {
    const index = this.u32()
    if (index >= count) throw this.#broken('a case that there is not')
    return index
  }

  #takeParts(taken: number, wanted: number = taken): void {
    if (wanted > this.#partsLeft) throw new ValueProblem('size', 'value', `more than ${valuePartsMax} parts`)
    this.#partsLeft -= taken
  }

  #move(bytes: number): number {
    const at = this.#at
    if (bytes > this.#bytes.length - at) throw this.#broken('it ends in the middle')
    this.#at += bytes
    return at
  }

  #broken(message: string): ValueProblem {
    return new ValueProblem('type', `byte ${this.#at}`, message)
  }
}
