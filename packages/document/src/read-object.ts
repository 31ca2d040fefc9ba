// A document that a program gives as an object instead of a text. What comes in may be anything; it is looked at without
// running any code of its own, copied, and from then on is a document like every other.

import { types } from 'node:util'
import { DocumentError } from './document-error.js'
import { type Position, start } from './finding.js'
import { Inspection } from './inspection.js'
import { documentBytesMax, nestingLevelsMax, objectValuesMax } from './limits.js'
import { childOf, type Place } from './places.js'
import { renderKeyPath } from './render-place.js'
import type { KeyPath, TomlTable, TomlValue } from './toml-value.js'

const LONE_SURROGATE = /\p{Surrogate}/u

/**
 * A document given as an object: what it says, as a text would have said it. Its places are key paths. Their `line` is
 * always 1, and `column` counts the values before, so that what is sorted by place stands in the order of the object.
 */
export class ObjectDocument {
  readonly file: string
  /** Deep-frozen, a copy; tables have no prototype. */
  readonly value: TomlTable
  readonly #root: Place

  constructor(file: string, value: TomlTable, root: Place) {
    this.file = file
    this.value = value
    this.#root = root
  }

  /** The place of the key and the value at this path, which are one; of a path that is not there, where it would be. */
  positionOf(path: KeyPath): Position {
    return placeAt(path, this.#root)
  }

  /** One character has no place of its own: it is that of its text. */
  positionInText(path: KeyPath): Position {
    return placeAt(path, this.#root)
  }
}

/** Of a key that is not there the nearest one around it says where it would be. */
function placeAt(path: KeyPath, root: Place): Position {
  let place: Place | undefined = root
  let column = start.column
  for (const key of path) {
    place = place?.children.get(key)
    column = place?.value ?? column
  }
  return { line: start.line, column, path: renderKeyPath(path) }
}

/**
 * Reads plain data as a document: own enumerable properties of plain objects and arrays, text, whole and other numbers,
 * `true` and `false`. A property that is `undefined` is not there. Everything else is a finding: getters (none is called),
 * proxies, instances of classes, cycles, holes, `null`, functions, symbols, numbers that are not exact, more than
 * {@link documentBytesMax} characters or {@link objectValuesMax} values.
 *
 * @param options.file what findings call the document
 * @throws {DocumentError} with every finding; each names the path of its key
 * @example
 * ```ts
 * readObject({ children: { ingest: { component: './ingest.wasm' } } }, { file: 'tree object' }).value
 * ```
 */
export function readObject(given: unknown, options: { readonly file: string }): ObjectDocument {
  const copier = new Copier(options.file)
  const value = copier.copy(given)
  return new ObjectDocument(options.file, value, copier.root)
}

class Copier {
  /** Each value's place is how many stand before it. */
  readonly root: Place = { children: new Map() }
  readonly #file: string
  readonly #inspection: Inspection
  /** What the value that is being copied stands in. */
  readonly #around = new Set<object>()
  #charactersLeft = documentBytesMax
  #values = 0

  constructor(file: string) {
    const at = (path: KeyPath): Position => placeAt(path, this.root)
    this.#file = file
    this.#inspection = new Inspection({ file, positionOf: at, positionInText: at })
  }

  copy(given: unknown): TomlTable {
    const value = this.#value(given, [], this.root)
    if (value !== undefined && (typeof value !== 'object' || Array.isArray(value))) {
      this.#reject([], 'the document is not a table', 'give an object with the keys of the document')
    }
    this.#inspection.throwIfAny()
    return value as TomlTable
  }

  #value(given: unknown, path: KeyPath, place: Place): TomlValue | undefined {
    if (this.#values === objectValuesMax) this.#full(`it holds more than ${objectValuesMax} values`)
    place.value = start.column + this.#values++
    switch (typeof given) {
      case 'string':
        return this.#text(given, path) ? given : undefined
      case 'boolean':
        return given
      case 'bigint':
        return this.#wholeNumber(given, path)
      case 'number':
        return this.#number(given, path)
      case 'object':
        return given === null ? this.#reject(path, 'nothing (`null`) stands here') : this.#structure(given, path, place)
      default:
        return this.#reject(path, `${aTypeOf(given)} stands here`)
    }
  }

  #text(text: string, path: KeyPath): boolean {
    this.#charactersLeft -= text.length
    if (this.#charactersLeft < 0) this.#full(`its keys and texts are longer than ${documentBytesMax} characters`)
    if (!LONE_SURROGATE.test(text)) return true
    this.#reject(path, 'the text holds half of a surrogate pair', 'no file could hold it: write whole characters')
    return false
  }

  #number(given: number, path: KeyPath): TomlValue | undefined {
    if (Number.isSafeInteger(given)) return BigInt(given)
    if (Number.isFinite(given) && !Number.isInteger(given)) return given
    return this.#reject(path, `${given} is no number that is exact`, 'write a smaller number, or a `bigint`')
  }

  #wholeNumber(given: bigint, path: KeyPath): bigint | undefined {
    if (BigInt.asIntN(64, given) === given) return given
    return this.#reject(path, 'the number does not fit into 64 bits', 'write a smaller number')
  }

  #structure(given: object, path: KeyPath, place: Place): TomlValue | undefined {
    // Whatever else would be asked of a proxy runs code of its own.
    if (types.isProxy(given)) return this.#reject(path, 'a proxy stands here', 'give a plain copy of it')
    if (this.#around.has(given)) return this.#reject(path, 'the value holds itself', 'no value may stand inside itself')
    if (path.length >= nestingLevelsMax) {
      return this.#reject(path, 'the document nests too deep', `at most ${nestingLevelsMax} levels`)
    }
    this.#around.add(given)
    const copied = Array.isArray(given) ? this.#list(given, path, place) : this.#table(given, path, place)
    this.#around.delete(given)
    return copied
  }

  #list(given: readonly unknown[], path: KeyPath, place: Place): readonly TomlValue[] {
    const items: TomlValue[] = []
    for (let index = 0; index < given.length; index++) {
      const inner = [...path, index]
      const property = Object.getOwnPropertyDescriptor(given, index)
      if (property === undefined) {
        // One hole is enough: there may be four thousand million.
        this.#reject(inner, 'the list has a hole here', 'give a list without holes')
        break
      }
      const item = this.#property(property, inner, childOf(place, index))
      if (item !== undefined) items.push(item)
    }
    return Object.freeze(items)
  }

  #table(given: object, path: KeyPath, place: Place): TomlTable | undefined {
    if (!isPlain(given)) {
      return this.#reject(path, `${classOf(given)} stands here`, 'give plain objects: nothing of a class is read')
    }
    const table: { [key: string]: TomlValue } = Object.create(null)
    for (const key of Reflect.ownKeys(given)) {
      const inner = [...path, typeof key === 'symbol' ? String(key) : key]
      if (typeof key === 'symbol') {
        this.#reject(inner, 'a key is a symbol', 'keys are text')
        continue
      }
      const property = Object.getOwnPropertyDescriptor(given, key)
      if (property === undefined || (property.enumerable && 'value' in property && property.value === undefined))
        continue
      if (!this.#text(key, inner)) break
      const value = this.#property(property, inner, childOf(place, key))
      if (value !== undefined) table[key] = value
    }
    return Object.freeze(table)
  }

  #property(property: PropertyDescriptor, path: KeyPath, place: Place): TomlValue | undefined {
    if ('value' in property && property.enumerable) return this.#value(property.value, path, place)
    return this.#reject(path, 'a getter or a hidden property stands here', 'give plain data: no getter is called')
  }

  #reject(
    path: KeyPath,
    message: string,
    hint = 'write text, a number, `true`, `false`, a list or a table',
  ): undefined {
    this.#inspection.report(path, message, hint)
    return undefined
  }

  /** Nothing else of it is looked at. */
  #full(message: string): never {
    const hint = 'a document is smaller; a program starts more children with `startChild`'
    throw new DocumentError([{ file: this.#file, ...placeAt([], this.root), message, hint }])
  }
}

/** Of this realm or another one: a prototype that has none itself is that of plain objects. */
function isPlain(given: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(given)
  return prototype === null || (!types.isProxy(prototype) && Object.getPrototypeOf(prototype) === null)
}

function aTypeOf(given: unknown): string {
  return given === undefined ? '`undefined`' : `a ${typeof given}`
}

function classOf(given: object): string {
  if (types.isDate(given)) return 'a date'
  if (types.isMap(given) || types.isSet(given)) return 'a map or set'
  return 'an instance of a class'
}
