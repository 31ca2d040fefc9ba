import { asTable, didYouMean, type Entry, type Field, type FieldValue } from './field.js'
import { quote } from './quote.js'

/** The keys that a table may have, and what checks each. */
export type Schema = { readonly [key: string]: Field<unknown> }

/** What a table says: every key that is there and passed. */
export type TableOf<S extends Schema> = { readonly [Key in keyof S]?: FieldValue<S[Key]> }

export type TableRules<S extends Schema> = {
  readonly required?: readonly (keyof S & string)[]
  /** What a key of this table is, for messages; `key` unless said. */
  readonly what?: string
  /** What a key could be that is not known here, for the hint. */
  readonly beyond?: string
  /** Called for each key that passed its check, in the order of the text. */
  readonly onPassed?: (key: keyof S & string, entry: Entry) => void
}

/**
 * Reads a table of which every key is known: each is checked by its field, another one is reported with the nearest name,
 * a missing required one at the table itself.
 */
export function readTable<S extends Schema>(
  entry: Entry,
  schema: S,
  rules: TableRules<S> = {},
): TableOf<S> | undefined {
  const table = asTable(entry)
  if (table === undefined) return undefined
  const { path, inspection } = entry
  const passed = new Map<string, unknown>()
  for (const [key, value] of Object.entries(table)) {
    const field = Object.hasOwn(schema, key) ? schema[key] : undefined
    if (field === undefined) {
      const known = didYouMean(key, Object.keys(schema))
      const hint = rules.beyond === undefined ? known : `${known}; ${rules.beyond}`
      inspection.report([...path, key], `unknown ${rules.what ?? 'key'} ${quote(key)}`, hint, 'key')
      continue
    }
    const inner: Entry = { value, path: [...path, key], inspection }
    const checked = field(inner)
    if (checked === undefined) continue
    passed.set(key, checked)
    rules.onPassed?.(key, inner)
  }
  for (const key of rules.required ?? []) {
    if (!Object.hasOwn(table, key)) inspection.report(path, `\`${key}\` is missing`, `add \`${key}\` here`, 'key')
  }
  // Its keys are those of the schema, which no document chooses.
  return Object.fromEntries(passed) as TableOf<S>
}
