import { TomlDate } from 'smol-toml'
import type { YamlValue } from './yaml-value.js'

/**
 * What a TOML document says, as plain frozen data. Tables have no prototype, so that a key named `__proto__` or
 * `constructor` is a key like any other. Integers are `bigint`, floats are `number`: `1.0` is not a whole number.
 */
export type TomlValue = string | bigint | number | boolean | TomlDate | readonly TomlValue[] | TomlTable
export type TomlTable = { readonly [key: string]: TomlValue }

/** A way into a document: table keys are strings, places in a list are numbers. */
export type KeyPath = readonly (string | number)[]

export function isTable(value: TomlValue | undefined): value is TomlTable {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof TomlDate)
}

export function isList(value: TomlValue | undefined): value is readonly TomlValue[] {
  return Array.isArray(value)
}

/** What a value is, in the words of an error message. */
export function describeType(value: TomlValue | YamlValue): string {
  switch (typeof value) {
    case 'string':
      return 'text'
    case 'bigint':
      return 'a whole number'
    case 'number':
      return 'a number with a fraction'
    case 'boolean':
      return `\`${value}\``
    default:
      if (value === null) return 'nothing'
      if (Array.isArray(value)) return 'a list'
      return value instanceof TomlDate ? 'a date or time' : 'a table'
  }
}
