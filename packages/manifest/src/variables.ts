import { asTable, type Entry, entriesOf, type Field, listOf, quote, reject, text } from '@bulkhead/document'
import { argumentCharactersMax, nameCharactersMax, variablesPerChildMax } from './limits.js'

/** What a name of a variable is, and that of a value of `wasi:config`. */
export const variableNameHint = 'a name is not empty and holds no `=` and no control characters'
const valueText = text({ what: 'a value', charactersMax: argumentCharactersMax, blank: 'allowed' })
const nameText = text({ what: 'a variable name', charactersMax: nameCharactersMax })

export function isVariableName(name: string): boolean {
  return name !== '' && name.length <= nameCharactersMax && !/[=\p{Cc}]/u.test(name)
}

/** The table `env`: variable name → value. Its result has no prototype, names come from outside. */
export function env(entry: Entry): Readonly<Record<string, string>> | undefined {
  const table = asTable(entry)
  if (table === undefined) return undefined
  const entries = entriesOf(entry, table)
  if (entries.length > variablesPerChildMax) {
    return reject(entry, `${entries.length} variables are too many`, `at most ${variablesPerChildMax} for one child`)
  }
  const variables: Record<string, string> = Object.create(null)
  for (const [name, inner] of entries) {
    if (!isVariableName(name)) {
      inner.inspection.report(inner.path, `${quote(name)} is not a variable name`, variableNameHint, 'key')
      continue
    }
    const value = valueText(inner)
    if (value !== undefined) variables[name] = value
  }
  return variables
}

const names = listOf(inheritedName, { what: 'variable names', itemsMax: variablesPerChildMax, empty: 'allowed' })

/** The list `inherit`: variables of the host that the child gets, each by its own name. */
export const inherit: Field<readonly string[]> = (entry) => {
  const listed = names(entry)
  const seen = new Set<string>()
  for (const name of listed ?? []) {
    if (seen.has(name)) return reject(entry, `${quote(name)} is listed twice`, 'name each variable once')
    seen.add(name)
  }
  return listed
}

function inheritedName(entry: Entry): string | undefined {
  const name = nameText(entry)
  if (name === undefined) return undefined
  if (name.includes('*')) return reject(entry, `${quote(name)} is a pattern`, 'name each variable that is passed on')
  return isVariableName(name) ? name : reject(entry, `${quote(name)} is not a variable name`, variableNameHint)
}
