import { describeType } from '../describe-type.js'
import { jsNameOf } from '../js-names.js'
import { valuePartsMax } from '../limits.js'
import { isNullable } from '../value-check.js'
import type { Case, ValueType } from '../value-type.js'
import { numberCoding } from './numbers.js'
import { ValueProblem } from './value-problem.js'

const utf8 = new TextEncoder()

/**
 * Writes JavaScript values, as the glue represents those of WIT, one after the other. Both ends know the types: nothing of
 * them is written. What is not a value of its type is refused with the way to the part that is not.
 *
 * @example
 * ```ts
 * const bytes = new ValueEncoder(64 * 1024).value({ kind: 'list', element: { kind: 'string' } }, ['a', 'b'], 'names').finish()
 * ```
 */
export class ValueEncoder {
  readonly #bytesMax: number
  #bytes = new Uint8Array(256)
  #view = new DataView(this.#bytes.buffer)
  #length = 0
  #partsLeft = valuePartsMax

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /**
   * @param where what the value is called in an error.
   * @throws {ValueProblem}
   */
  value(type: ValueType, value: unknown, where: string): this {
    this.#partsLeft -= 1
    if (this.#partsLeft < 0) throw new ValueProblem('size', where, `more than ${valuePartsMax} parts`)
    const coding = numberCoding(type.kind)
    if (coding === undefined) this.#compound(type, value, where)
    else {
      if (!coding.fits(value)) throw mismatch(type, value, where)
      coding.put(this.#view, this.#room(coding.bytes, where), value as never)
    }
    return this
  }

  u8(value: number): this {
    const at = this.#room(1, 'header')
    this.#view.setUint8(at, value)
    return this
  }

  u32(value: number): this {
    const at = this.#room(4, 'header')
    this.#view.setUint32(at, value, true)
    return this
  }

  /** What was written; the encoder is not used again. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  #compound(type: ValueType, value: unknown, where: string): void {
    switch (type.kind) {
      case 'bool':
        if (typeof value !== 'boolean') throw mismatch(type, value, where)
        this.u8(Number(value))
        break
      case 'char':
        this.#char(value, where)
        break
      case 'string':
        if (typeof value !== 'string') throw mismatch(type, value, where)
        // No text has fewer bytes than characters: what cannot fit is not even encoded.
        this.#checkRoom(value.length, where)
        this.#blob(utf8.encode(value), where)
        break
      case 'list':
        this.#list(type, value, where)
        break
      case 'tuple':
        if (!Array.isArray(value) || value.length !== type.items.length) throw mismatch(type, value, where)
        for (const [index, item] of type.items.entries()) this.value(item, value[index], `${where}[${index}]`)
        break
      case 'record':
        this.#record(type, value, where)
        break
      case 'flags':
        this.#flags(type, value, where)
        break
      case 'enum':
        this.#choice(type, type.names.indexOf(value as string), value, where)
        break
      case 'variant':
        this.#variant(type, type.cases, value, where)
        break
      case 'result':
        this.#variant(type, [caseOf('ok', type.ok), caseOf('err', type.error)], value, where)
        break
      case 'option':
        this.#option(type, value, where)
        break
      default:
        throw mismatch(type, value, where)
    }
  }

  #char(value: unknown, where: string): void {
    const code = typeof value === 'string' ? value.codePointAt(0) : undefined
    const isScalar = code !== undefined && (code < 0xd800 || code > 0xdfff)
    if (!isScalar || String.fromCodePoint(code) !== value) throw mismatch({ kind: 'char' }, value, where)
    this.u32(code)
  }

  #list(type: Extract<ValueType, { kind: 'list' }>, value: unknown, where: string): void {
    const { element } = type
    if (element.kind === 'u8' && value instanceof Uint8Array) {
      this.#blob(value, where)
      return
    }
    if (!Array.isArray(value) && !isNumberArray(value)) throw mismatch(type, value, where)
    this.u32(value.length)
    for (let index = 0; index < value.length; index += 1) this.value(element, value[index], `${where}[${index}]`)
  }

  #record(type: Extract<ValueType, { kind: 'record' }>, value: unknown, where: string): void {
    const found = fieldsOf(type, value, where)
    const names = type.fields.map((field) => jsNameOf(field.name))
    refuseOthers(found, names, where)
    for (const [index, field] of type.fields.entries()) {
      const name = names[index] ?? ''
      this.value(field.type, Object.hasOwn(found, name) ? found[name] : undefined, `${where}.${name}`)
    }
  }

  /** A flag that is left out is not set. */
  #flags(type: Extract<ValueType, { kind: 'flags' }>, value: unknown, where: string): void {
    const found = fieldsOf(type, value, where)
    const names = type.names.map(jsNameOf)
    refuseOthers(found, names, where)
    for (const name of names) {
      // A flag may be called what every object has: `to-string`.
      const flag = Object.hasOwn(found, name) ? found[name] : undefined
      this.value({ kind: 'bool' }, flag ?? false, `${where}.${name}`)
    }
  }

  #variant(type: ValueType, cases: readonly Case[], value: unknown, where: string): void {
    const found = fieldsOf(type, value, where)
    refuseOthers(found, ['tag', 'val'], where)
    const index = cases.findIndex((one) => one.name === found['tag'])
    this.#choice(type, index, value, where)
    const payload = cases[index]?.type
    if (payload !== undefined) this.value(payload, found['val'], `${where}.val`)
    else if (found['val'] !== undefined) throw mismatch(type, value, where)
  }

  #option(type: Extract<ValueType, { kind: 'option' }>, value: unknown, where: string): void {
    if (isNullable(type.value)) {
      this.#variant(type, [{ name: 'none' }, { name: 'some', type: type.value }], value, where)
      return
    }
    this.u8(Number(value !== undefined))
    if (value !== undefined) this.value(type.value, value, where)
  }

  #choice(type: ValueType, index: number, value: unknown, where: string): void {
    if (index < 0) throw mismatch(type, value, where)
    this.u32(index)
  }

  #blob(bytes: Uint8Array, where: string): void {
    this.u32(bytes.length)
    const at = this.#room(bytes.length, where)
    this.#bytes.set(bytes, at)
  }

  #checkRoom(bytes: number, where: string): void {
    if (this.#length + bytes > this.#bytesMax) {
      throw new ValueProblem('size', where, `more than ${this.#bytesMax} bytes in all`)
    }
  }

  /** Where so many bytes may be written. ORDER: before `#bytes` and `#view` are looked at, which it may replace. */
  #room(bytes: number, where: string): number {
    this.#checkRoom(bytes, where)
    const at = this.#length
    this.#length += bytes
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2))
      grown.set(this.#bytes.subarray(0, at))
      this.#bytes = grown
      this.#view = new DataView(grown.buffer)
    }
    return at
  }
}

type Fields = Readonly<Record<string, unknown>>

function fieldsOf(type: ValueType, value: unknown, where: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw mismatch(type, value, where)
  return value as Fields
}

function refuseOthers(found: Fields, names: readonly string[], where: string): void {
  const other = Object.keys(found).find((name) => !names.includes(name))
  if (other === undefined) return
  throw new ValueProblem('type', `${where}.${other}`, `there is no such field, expected ${names.join(', ')}`)
}

function isNumberArray(value: unknown): value is ArrayLike<unknown> {
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
}

function caseOf(name: string, type: ValueType | undefined): Case {
  return type === undefined ? { name } : { name, type }
}

function mismatch(type: ValueType, value: unknown, where: string): ValueProblem {
  return new ValueProblem('type', where, `found ${describeValue(value)}, expected ${describeType(type)}`)
}

/** What stands there, in a word or two: never the value of a text, which may be long or secret. */
function describeValue(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`
  if (typeof value === 'number' || typeof value === 'boolean') return `\`${value}\``
  return typeof value === 'bigint' ? 'a bigint' : `a ${typeof value}`
}
