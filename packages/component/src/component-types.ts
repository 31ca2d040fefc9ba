import { componentSections } from '@bulkhead/contracts'
import { ByteReader, damaged } from './wasm/byte-reader.js'

const SECTION = { instance: 5, alias: 6, type: 7, import: 10, export: 11 } as const
const SORT = { core: 0, type: 3, instance: 5 } as const

/** An instance that a component exports, or imports, at its top. */
export type NamedInstance = { readonly name: string; readonly index: number }

/** What has to be known of a component's index spaces to add to it. */
export type ComponentTop = {
  /** How many types there are at its top: the index of one that is added behind them. */
  readonly types: number
  readonly instances: readonly NamedInstance[]
  readonly imported: readonly NamedInstance[]
}

/**
 * Reads which instances a component exports and imports, and counts the types at its top: those that it defines, imports,
 * exports and takes out of other instances.
 *
 * @throws {BulkheadError} `component-invalid` for what is not of the component model's form, and for imported values.
 */
export function readComponentTop(component: Uint8Array): ComponentTop {
  const instances: NamedInstance[] = []
  const imported: NamedInstance[] = []
  let types = 0
  let instanceCount = 0
  const count = (sort: number): void => {
    if (sort === SORT.type) types += 1
    if (sort === SORT.instance) instanceCount += 1
  }
  for (const { id, body, end } of componentSections(component)) {
    if (!read.has(id)) continue
    const reader = new ByteReader(component, body, end)
    let left = reader.count()
    if (id === SECTION.type) types += left
    else if (id === SECTION.instance) instanceCount += left
    else
      for (; left > 0; left -= 1) {
        if (id === SECTION.alias) count(readAlias(reader))
        else if (id === SECTION.import) {
          const { name, sort } = readImport(reader)
          if (sort === SORT.instance) imported.push({ name, index: instanceCount })
          count(sort)
        } else {
          const { name, sort, index } = readExport(reader)
          if (sort === SORT.instance) instances.push({ name, index })
          count(sort)
        }
      }
  }
  return { types, instances, imported }
}

const read: ReadonlySet<number> = new Set(Object.values(SECTION))

/** `sort target`; the target is an instance's export, a core instance's export, or something of an outer component. */
function readAlias(reader: ByteReader): number {
  const sort = readSort(reader)
  const target = reader.byte()
  reader.u32()
  if (target === 2) reader.u32()
  else reader.name()
  return sort
}

function readImport(reader: ByteReader): { readonly name: string; readonly sort: number } {
  reader.byte()
  const name = reader.name()
  return { name, sort: readDescription(reader) }
}

function readExport(reader: ByteReader): { readonly name: string; readonly sort: number; readonly index: number } {
  reader.byte()
  const name = reader.name()
  const sort = readSort(reader)
  const index = reader.u32()
  if (reader.byte() !== 0) readDescription(reader)
  return { name, sort, index }
}

/** Core sorts have a byte more, which says of what kind. */
function readSort(reader: ByteReader): number {
  const sort = reader.byte()
  if (sort === SORT.core) reader.byte()
  return sort
}

/** The type of an import, or that an export is given: its sort, then an index, of types with a bound before it. */
function readDescription(reader: ByteReader): number {
  const sort = readSort(reader)
  if (sort === 2) throw damaged('imports or exports a value, which no tool supports')
  const isFresh = sort === SORT.type && reader.byte() === 1
  if (!isFresh) reader.u32()
  return sort
}
