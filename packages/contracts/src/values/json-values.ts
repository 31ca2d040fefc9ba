// Values as JSON has them, for people and for what speaks no JavaScript: a 64-bit integer may be a text of digits, bytes are
// `{ "base64": … }`, what is absent is null. Which of them is meant the type says.

import { jsNameOf } from '../js-names.js'
import { isNullable } from '../value-check.js'
import type { Case, ValueType } from '../value-type.js'

/**
 * The JavaScript value that a JSON value stands for. What fits no type is left as it is, for who checks it to say so.
 */
export function valueFromJson(type: ValueType, json: unknown): unknown {
  switch (type.kind) {
    case 'u64':
    case 's64':
      return isWhole(json) ? BigInt(json) : json
    case 'f32':
    case 'f64':
      return typeof json === 'string' && unwritable.has(json) ? Number(json) : json
    case 'list':
      return listFromJson(type.element, json)
    case 'tuple':
      return Array.isArray(json) ? json.map((item, index) => partFromJson(type.items[index], item)) : json
    case 'record':
      return recordFromJson(type, json)
    case 'variant':
      return variantFromJson(type.cases, json)
    case 'result':
      return variantFromJson(resultCases(type), json)
    case 'option':
      if (isNullable(type.value)) return variantFromJson(nestedCases(type.value), json)
      return json === null ? undefined : valueFromJson(type.value, json)
    default:
      return json
  }
}

/** The JSON value of a value of a type, which `JSON.stringify` writes as it is. */
export function jsonFromValue(type: ValueType, value: unknown): unknown {
  switch (type.kind) {
    case 'u64':
    case 's64':
      return String(value)
    case 'f32':
    case 'f64':
      return Number.isFinite(value) ? value : String(value)
    case 'list':
      if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString('base64') }
      return Array.from(value as ArrayLike<unknown>, (item) => jsonFromValue(type.element, item))
    case 'tuple':
      return type.items.map((item, index) => jsonFromValue(item, (value as readonly unknown[])[index]))
    case 'record':
      return Object.fromEntries(
        type.fields.map(({ name, type: part }) => {
          const key = jsNameOf(name)
          return [key, jsonFromValue(part, (value as Fields)[key])]
        }),
      )
    case 'variant':
      return jsonFromVariant(type.cases, value)
    case 'result':
      return jsonFromVariant(resultCases(type), value)
    case 'option':
      if (isNullable(type.value)) return jsonFromVariant(nestedCases(type.value), value)
      return value === undefined ? null : jsonFromValue(type.value, value)
    default:
      return value
  }
}

type Fields = Readonly<Record<string, unknown>>

/** Numbers that JSON cannot write. */
const unwritable: ReadonlySet<string> = new Set(['NaN', 'Infinity', '-Infinity'])

function isWhole(json: unknown): json is string | number {
  return typeof json === 'string' ? /^-?\d{1,20}$/.test(json) : Number.isSafeInteger(json)
}

function partFromJson(type: ValueType | undefined, json: unknown): unknown {
  return type === undefined ? json : valueFromJson(type, json)
}

function listFromJson(element: ValueType, json: unknown): unknown {
  if (Array.isArray(json)) return json.map((item) => valueFromJson(element, item))
  if (element.kind !== 'u8' || !isFields(json) || typeof json['base64'] !== 'string') return json
  return Uint8Array.from(Buffer.from(json['base64'], 'base64'))
}

function recordFromJson({ fields }: Extract<ValueType, { kind: 'record' }>, json: unknown): unknown {
  if (!isFields(json)) return json
  const types = new Map(fields.map(({ name, type }) => [jsNameOf(name), type]))
  return Object.fromEntries(Object.entries(json).map(([key, part]) => [key, partFromJson(types.get(key), part)]))
}

function variantFromJson(cases: readonly Case[], json: unknown): unknown {
  if (!isFields(json)) return json
  const { tag, val, ...others } = json
  const type = cases.find(({ name }) => name === tag)?.type
  return {
    tag,
    ...(val === undefined || (val === null && type === undefined) ? {} : { val: partFromJson(type, val) }),
    ...others,
  }
}

function jsonFromVariant(cases: readonly Case[], value: unknown): unknown {
  const { tag, val } = value as { readonly tag: string; readonly val?: unknown }
  const type = cases.find(({ name }) => name === tag)?.type
  return type === undefined ? { tag } : { tag, val: jsonFromValue(type, val) }
}

function isFields(json: unknown): json is Fields {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

function resultCases({ ok, error }: Extract<ValueType, { kind: 'result' }>): readonly Case[] {
  return [
    { name: 'ok', ...(ok === undefined ? {} : { type: ok }) },
    { name: 'err', ...(error === undefined ? {} : { type: error }) },
  ]
}

function nestedCases(inner: ValueType): readonly Case[] {
  return [{ name: 'none' }, { name: 'some', type: inner }]
}
