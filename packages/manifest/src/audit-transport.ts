import { type Entry, type Field, isList, isTable, readTable, rejectType, text } from '@bulkhead/document'
import { nameCharactersMax } from './limits.js'
import type { AuditTransportSpec, PlainValue } from './tree.js'

const fields = {
  target: text({ what: 'a package or the path of a module', charactersMax: nameCharactersMax }),
  options: (entry: Entry) => (isTable(entry.value) ? plainTable(entry, entry.value) : rejectType(entry, 'a table')),
}

/** The table `[audit_transport]`: the pino transport that gets each audit record too (SPEC 11). */
export const auditTransport: Field<AuditTransportSpec> = (entry) => {
  const table = readTable(entry, fields, { required: ['target'] })
  if (table?.target === undefined) return undefined
  return { target: table.target, options: table.options ?? {} }
}

/** What the module is called with is the module's affair: texts, numbers, `true` and `false`, lists and tables. */
function plain(entry: Entry): PlainValue | undefined {
  const { value } = entry
  if (isTable(value)) return plainTable(entry, value)
  if (isList(value)) {
    return value.map((item, at) => plain({ ...entry, value: item, path: [...entry.path, at] }) ?? '')
  }
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value
  if (typeof value === 'bigint' && Number.isSafeInteger(Number(value))) return Number(value)
  return rejectType(entry, 'a text, a number, `true` or `false`, a list or a table')
}

function plainTable(entry: Entry, table: object): { readonly [name: string]: PlainValue } {
  const members = Object.entries(table).map(([name, value]) => {
    return [name, plain({ ...entry, value, path: [...entry.path, name] }) ?? ''] as const
  })
  return Object.fromEntries(members)
}
