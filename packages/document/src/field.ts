import type { Inspection } from './inspection.js'
import { nearestName } from './nearest-name.js'
import { quote } from './quote.js'
import { describeType, isList, isTable, type KeyPath, type TomlTable, type TomlValue } from './toml-value.js'

/** One value of a document on its way to being checked. */
export type Entry = { readonly value: TomlValue; readonly path: KeyPath; readonly inspection: Inspection }

/** Checks one value. `undefined` means that it was reported, and that reading goes on without it. */
export type Field<T> = (entry: Entry) => T | undefined

/** What a field makes of a value that passes. */
export type FieldValue<F> = F extends Field<infer T> ? T : never

/** Reports an entry's value; always `undefined`, so that a field can end with it. */
export function reject(entry: Entry, message: string, hint: string): undefined {
  entry.inspection.report(entry.path, message, hint)
  return undefined
}

/** Reports a value of another type than the field has. */
export function rejectType(entry: Entry, expected: string): undefined {
  return reject(entry, `${describeType(entry.value)} stands where ${expected} belongs`, `write ${expected}`)
}

export type TextRules = {
  /** What the text is, for messages: `a version`. */
  readonly what: string
  readonly charactersMax: number
  /** Whether text without a visible character passes. */
  readonly blank?: 'allowed' | 'refused'
}

/** Text of bounded length without NUL; blank text is refused unless the rules say otherwise. */
export function text(rules: TextRules): Field<string> {
  return (entry) => {
    const { value } = entry
    if (typeof value !== 'string') return rejectType(entry, `${rules.what} in quotes`)
    if (value.length > rules.charactersMax) {
      const hint = `at most ${rules.charactersMax} characters`
      return reject(entry, `${rules.what} of ${value.length} characters is too long`, hint)
    }
    if (value.includes('\0')) return reject(entry, `${rules.what} holds a NUL character`, 'remove `\\u0000`')
    if (rules.blank !== 'allowed' && value.trim() === '')
      return reject(entry, 'the text is blank', `write ${rules.what}`)
    return value
  }
}

/** One of a closed list of words; another one is answered with the nearest. */
export function oneOf<const Name extends string>(names: readonly Name[]): Field<Name> {
  return (entry) => {
    const { value } = entry
    if (typeof value !== 'string') return rejectType(entry, `one of ${listNames(names)}`)
    const known = names.find((name) => name === value)
    return known ?? reject(entry, `${quote(value)} is not known here`, didYouMean(value, names))
  }
}

/** A whole number between two bounds, both included. */
export function wholeNumber(min: number, max: number): Field<number> {
  return (entry) => {
    const { value } = entry
    if (typeof value !== 'bigint') return rejectType(entry, 'a whole number')
    if (value >= BigInt(min) && value <= BigInt(max)) return Number(value)
    return reject(entry, `${value} is out of range`, `at least ${min}, at most ${max}`)
  }
}

/** `true` or `false`, without quotes. */
export function flag(entry: Entry): boolean | undefined {
  return typeof entry.value === 'boolean' ? entry.value : rejectType(entry, '`true` or `false`')
}

export type QuantityRules = {
  /** What the quantity is, with an example: ``a size as `"64MiB"` ``. */
  readonly what: string
  readonly min: string
  readonly max: string
}

/** Text that a parser turns into a quantity, between two bounds that are written in the same form. */
export function quantity<T>(
  parse: (text: string) => T | undefined,
  size: (value: T) => number,
  rules: QuantityRules,
): Field<T> {
  const [least, most] = [rules.min, rules.max].map((bound) => {
    const parsed = parse(bound)
    if (parsed === undefined) throw new TypeError(`\`${bound}\` is not ${rules.what}`)
    return size(parsed)
  })
  return (entry) => {
    const { value } = entry
    if (typeof value !== 'string') return rejectType(entry, rules.what)
    const parsed = parse(value)
    if (parsed === undefined) return reject(entry, `${quote(value)} is not ${rules.what}`, `write ${rules.what}`)
    const amount = size(parsed)
    if (amount >= (least ?? 0) && amount <= (most ?? 0)) return parsed
    return reject(entry, `${quote(value)} is out of range`, `at least ${rules.min}, at most ${rules.max}`)
  }
}

export type ListRules = {
  /** What stands in the list, for messages: `patterns`. */
  readonly what: string
  readonly itemsMax: number
  readonly empty?: 'allowed' | 'refused'
}

/** A list of bounded length. Items that were reported are left out. An empty list is refused unless the rules allow it. */
export function listOf<T>(item: Field<T>, rules: ListRules): Field<readonly T[]> {
  return (entry) => {
    const { value, path, inspection } = entry
    if (!isList(value)) return rejectType(entry, `a list of ${rules.what}`)
    if (value.length === 0 && rules.empty !== 'allowed') {
      return reject(entry, 'the list is empty', `name ${rules.what}, or leave the key out`)
    }
    if (value.length > rules.itemsMax) {
      return reject(entry, `a list of ${value.length} ${rules.what} is too long`, `at most ${rules.itemsMax}`)
    }
    const items: T[] = []
    for (const [index, element] of value.entries()) {
      const checked = item({ value: element, path: [...path, index], inspection })
      if (checked !== undefined) items.push(checked)
    }
    return items
  }
}

/** The entry as a table, or a finding. */
export function asTable(entry: Entry): TomlTable | undefined {
  return isTable(entry.value) ? entry.value : rejectType(entry, 'a table')
}

/** The entries of a table, in the order of the text (names like `1` excepted: they come first). */
export function entriesOf(entry: Entry, table: TomlTable): (readonly [key: string, entry: Entry])[] {
  const { path, inspection } = entry
  return Object.entries(table).map(([key, value]) => [key, { value, path: [...path, key], inspection }])
}

/** The help of a message about an unknown word. */
export function didYouMean(word: string, names: readonly string[]): string {
  const nearest = nearestName(word, names)
  return nearest === undefined
    ? `known: ${listNames(names)}`
    : `did you mean \`${nearest}\`? known: ${listNames(names)}`
}

function listNames(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ')
}
