import { jsNameOf } from './js-names.js'
import type { Case, ValueType } from './value-type.js'

/** Whether a JavaScript value is what the glue makes of a value of one type. */
export type Check = (value: unknown) => boolean

const integerBetween =
  (min: number, max: number): Check =>
  (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max && !Object.is(value, -0)

const bigintBetween =
  (min: bigint, max: bigint): Check =>
  (value) =>
    typeof value === 'bigint' && value >= min && value <= max

const isNumber: Check = (value) => typeof value === 'number'
const isObject: Check = (value) => typeof value === 'object' && value !== null
const isAbsent: Check = (value) => value === undefined

const TYPED_ARRAYS = new Map<string, new (length: number) => object>([
  ['u8', Uint8Array],
  ['s8', Int8Array],
  ['u16', Uint16Array],
  ['s16', Int16Array],
  ['u32', Uint32Array],
  ['s32', Int32Array],
  ['u64', BigUint64Array],
  ['s64', BigInt64Array],
  ['f32', Float32Array],
  ['f64', Float64Array],
])

/** Builds the check of one type. The kinds of value are those of the glue's lifting code, which a test compares. */
export function compileCheck(type: ValueType): Check {
  switch (type.kind) {
    case 'bool':
      return (value) => typeof value === 'boolean'
    case 'u8':
      return integerBetween(0, 0xff)
    case 's8':
      return integerBetween(-0x80, 0x7f)
    case 'u16':
      return integerBetween(0, 0xffff)
    case 's16':
      return integerBetween(-0x8000, 0x7fff)
    case 'u32':
      return integerBetween(0, 0xffff_ffff)
    case 's32':
      return integerBetween(-0x8000_0000, 0x7fff_ffff)
    case 'u64':
      return bigintBetween(0n, 2n ** 64n - 1n)
    case 's64':
      return bigintBetween(-(2n ** 63n), 2n ** 63n - 1n)
    case 'f32':
    case 'f64':
      return isNumber
    case 'char':
      return isOneScalar
    case 'string':
      return (value) => typeof value === 'string'
    case 'list':
      return compileList(type.element)
    case 'record':
      return compileRecord(type.fields.map((field) => [jsNameOf(field.name), compileCheck(field.type)]))
    case 'flags':
      return compileRecord(type.names.map((name) => [jsNameOf(name), compileCheck({ kind: 'bool' })]))
    case 'tuple':
      return compileTuple(type.items.map(compileCheck))
    case 'enum':
      return compileEnum(type.names)
    case 'variant':
      return compileVariant(type.cases)
    case 'option':
      return compileOption(type.value)
    case 'result':
      return compileVariant([withPayload('ok', type.ok), withPayload('err', type.error)], 'always')
    case 'own':
    case 'borrow':
      return isObject
    case 'unsupported':
      return () => false
  }
}

function isOneScalar(value: unknown): boolean {
  if (typeof value !== 'string') return false
  const codePoint = value.codePointAt(0)
  if (codePoint === undefined || (codePoint >= 0xd800 && codePoint <= 0xdfff)) return false
  return value.length === (codePoint > 0xffff ? 2 : 1)
}

function compileList(element: ValueType): Check {
  const array = TYPED_ARRAYS.get(element.kind)
  if (array !== undefined) return (value) => isObject(value) && Object.getPrototypeOf(value) === array.prototype
  const check = compileCheck(element)
  return (value) => Array.isArray(value) && value.every(check)
}

function compileTuple(checks: readonly Check[]): Check {
  return (value) =>
    Array.isArray(value) && value.length === checks.length && checks.every((check, index) => check(value[index]))
}

/** Exactly these own fields, in the order of the declaration, on a plain object: an object literal of the glue. */
function compileRecord(fields: readonly (readonly [name: string, check: Check])[]): Check {
  return (value) => {
    if (!isPlain(value)) return false
    const names = Object.keys(value)
    if (names.length !== fields.length) return false
    for (let index = 0; index < fields.length; index += 1) {
      const field = fields[index]
      if (field === undefined || names[index] !== field[0] || !field[1](value[field[0]])) return false
    }
    return true
  }
}

function compileEnum(names: readonly string[]): Check {
  const known = new Set<unknown>(names)
  return (value) => known.has(value)
}

/** `{ tag }` or `{ tag, val }`. A `result` carries `val: undefined` where a case has no payload. */
function compileVariant(cases: readonly Case[], payload: 'where-declared' | 'always' = 'where-declared'): Check {
  const checks = new Map<unknown, Check>()
  for (const { name, type } of cases) {
    const check = type === undefined ? undefined : compileCheck(type)
    if (check === undefined && payload === 'where-declared') {
      checks.set(name, (value) => isObject(value) && Object.keys(value as object).length === 1)
    } else {
      const inner = check ?? isAbsent
      checks.set(name, (value) => hasTagAndVal(value) && inner(value['val']))
    }
  }
  return (value) => isPlain(value) && Object.keys(value)[0] === 'tag' && checks.get(value['tag'])?.(value) === true
}

function hasTagAndVal(value: unknown): value is { readonly val: unknown } {
  if (!isPlain(value)) return false
  const names = Object.keys(value)
  return names.length === 2 && names[1] === 'val'
}

function withPayload(name: string, type: ValueType | undefined): Case {
  return type === undefined ? { name } : { name, type }
}

/** `undefined` or the value; an option that holds an option is spelled out as a variant. */
function compileOption(inner: ValueType): Check {
  if (isNullable(inner)) return compileVariant([{ name: 'none' }, { name: 'some', type: inner }])
  const check = compileCheck(inner)
  return (value) => value === undefined || check(value)
}

/** Whether an absent value is `undefined`, which another `option` around it could not tell from its own. */
export function isNullable(type: ValueType): boolean {
  return type.kind === 'option' && !isNullable(type.value)
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
