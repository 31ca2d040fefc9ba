import { type PrimitiveKind, primitiveKinds } from '../value-type.js'
import type { WitReader } from './wit-reader.js'
import { notWit, type WitPlace } from './wit-tokens.js'

/** A type as it is written: names are not looked up yet. */
export type WrittenType =
  | { readonly kind: PrimitiveKind }
  | { readonly kind: 'named'; readonly name: string; readonly line: number; readonly column: number }
  | { readonly kind: 'list' | 'option'; readonly inner: WrittenType }
  | { readonly kind: 'tuple'; readonly items: readonly WrittenType[] }
  | { readonly kind: 'result'; readonly ok?: WrittenType; readonly error?: WrittenType }

export type WrittenMember = { readonly name: string; readonly type?: WrittenType }

export type WrittenDefinition =
  | { readonly kind: 'alias'; readonly type: WrittenType }
  | { readonly kind: 'record'; readonly members: readonly Required<WrittenMember>[] }
  | { readonly kind: 'variant'; readonly members: readonly WrittenMember[] }
  | { readonly kind: 'enum' | 'flags'; readonly names: readonly string[] }
  /** A name of another interface of the text. */
  | {
      readonly kind: 'used'
      readonly interface: string
      readonly name: string
      readonly line: number
      readonly column: number
    }

export type WrittenFunction = {
  readonly name: string
  readonly params: readonly Required<WrittenMember>[]
  readonly result?: WrittenType
}

export type WrittenInterface = {
  readonly name: string
  readonly types: ReadonlyMap<string, WrittenDefinition>
  readonly functions: readonly WrittenFunction[]
}

export type WrittenPackage = {
  /** `acme:crm`, and its version, when the text names its package. */
  readonly package?: { readonly name: string; readonly version?: string }
  readonly interfaces: readonly WrittenInterface[]
}

const defining = ['record', 'variant', 'enum', 'flags', 'type', 'resource', 'use']
const refused: Readonly<Record<string, string>> = {
  resource: 'a resource: this version offers functions over plain values',
  own: 'a handle: this version offers functions over plain values',
  borrow: 'a handle: this version offers functions over plain values',
  stream: 'a stream, which this version does not offer',
  future: 'a future, which this version does not offer',
  world: 'a world: give the interface by itself',
  async: 'an `async` function: the guest waits for every function as it is',
}

/** Reads a WIT document down to names that are not looked up. */
export function readPackage(reader: WitReader): WrittenPackage {
  const named = reader.accept('package') ? readPackageName(reader) : undefined
  const interfaces: WrittenInterface[] = []
  while (!reader.atEnd) {
    skipAttributes(reader)
    refuse(reader)
    reader.expect('interface')
    interfaces.push(readInterface(reader))
  }
  return named === undefined ? { interfaces } : { package: named, interfaces }
}

function readPackageName(reader: WitReader): { readonly name: string; readonly version?: string } {
  const namespace = reader.name('the name of a package')
  reader.expect(':')
  const name = `${namespace}:${reader.name('the name of a package')}`
  const version = reader.version()
  reader.expect(';')
  return version === undefined ? { name } : { name, version }
}

function readInterface(reader: WitReader): WrittenInterface {
  const name = reader.name('the name of an interface')
  const types = new Map<string, WrittenDefinition>()
  const functions: WrittenFunction[] = []
  const names = new Set<string>()
  // Types and functions of an interface have one name space.
  const claim = (key: string, place: WitPlace): void => {
    if (names.has(key)) throw notWit(place, `the name \`${key}\` is there twice`)
    names.add(key)
  }
  reader.expect('{')
  while (!reader.accept('}')) {
    skipAttributes(reader)
    refuse(reader)
    const place = reader.next
    const word = defining.find((each) => reader.accept(each))
    if (word === undefined) {
      const fn = readFunction(reader)
      claim(fn.name, place)
      functions.push(fn)
      continue
    }
    const defined = word === 'use' ? readUse(reader) : [readDefinition(reader, word)]
    for (const [key, definition] of defined) {
      claim(key, place)
      types.set(key, definition)
    }
  }
  return { name, types, functions }
}

function readDefinition(reader: WitReader, word: string): readonly [string, WrittenDefinition] {
  const key = reader.name('the name of a type')
  return [key, readDefined(reader, word)]
}

function readDefined(reader: WitReader, word: string): WrittenDefinition {
  switch (word) {
    case 'record':
      return { kind: 'record', members: reader.list('{', '}', () => readField(reader)) }
    case 'variant':
      return { kind: 'variant', members: reader.list('{', '}', () => readCase(reader)) }
    case 'enum':
    case 'flags':
      return { kind: word, names: reader.list('{', '}', () => reader.name('a name')) }
    default: {
      reader.expect('=')
      const type = readType(reader)
      reader.expect(';')
      return { kind: 'alias', type }
    }
  }
}

function readField(reader: WitReader): Required<WrittenMember> {
  const name = reader.name('the name of a field')
  reader.expect(':')
  return { name, type: readType(reader) }
}

function readCase(reader: WitReader): WrittenMember {
  const name = reader.name('the name of a case')
  if (!reader.accept('(')) return { name }
  const type = readType(reader)
  reader.expect(')')
  return { name, type }
}

/** `use other.{a, b as c};` of an interface in the same text. */
function readUse(reader: WitReader): readonly (readonly [string, WrittenDefinition])[] {
  const from = reader.name('the name of an interface of this text')
  if (reader.next.text === ':') throw notWit(reader.next, 'a `use` of another package: write its types here')
  reader.expect('.')
  const used = reader.list('{', '}', () => {
    const { line, column } = reader.next
    const name = reader.name('the name of a type')
    const key = reader.accept('as') ? reader.name('the name of a type') : name
    return [key, { kind: 'used', interface: from, name, line, column }] as const
  })
  reader.expect(';')
  return used
}

function readFunction(reader: WitReader): WrittenFunction {
  const name = reader.name('a type or a function')
  reader.expect(':')
  refuse(reader)
  reader.expect('func')
  const params = reader.list('(', ')', () => readField(reader), 0)
  const result = reader.accept('->') ? readType(reader) : undefined
  reader.expect(';')
  return result === undefined ? { name, params } : { name, params, result }
}

function readType(reader: WitReader): WrittenType {
  refuse(reader)
  const { text, line, column } = reader.next
  const name = reader.name('a type')
  const primitive = primitiveKinds.find((kind) => kind === text)
  if (primitive !== undefined) return { kind: primitive }
  switch (text) {
    case 'list':
    case 'option': {
      reader.expect('<')
      const inner = readType(reader)
      if (text === 'list' && reader.next.text === ',')
        throw notWit(reader.next, 'a list of a fixed length, which this version does not offer')
      reader.expect('>')
      return { kind: text, inner }
    }
    case 'tuple':
      return { kind: 'tuple', items: reader.list('<', '>', () => readType(reader)) }
    case 'result':
      return readResult(reader)
    default:
      return { kind: 'named', name, line, column }
  }
}

/** `result`, `result<ok>`, `result<ok, error>`, `result<_, error>`. */
function readResult(reader: WitReader): WrittenType {
  if (!reader.accept('<')) return { kind: 'result' }
  const ok = reader.accept('_') ? undefined : readType(reader)
  const error = reader.accept(',') ? readType(reader) : undefined
  reader.expect('>')
  return { kind: 'result', ...(ok === undefined ? {} : { ok }), ...(error === undefined ? {} : { error }) }
}

/** `@since(version = 1.0.0)` and its like say nothing about types. */
function skipAttributes(reader: WitReader): void {
  while (reader.accept('@')) {
    reader.name('an attribute')
    if (reader.next.text === '(') reader.skipGroup('(', ')')
  }
}

function refuse(reader: WitReader): void {
  const { text } = reader.next
  const what = Object.hasOwn(refused, text) ? refused[text] : undefined
  if (what !== undefined) throw notWit(reader.next, what)
}
