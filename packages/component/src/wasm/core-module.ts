import { ByteReader, damaged } from './byte-reader.js'
import { type CoreImport, readExport, readImport, readMemory, readTable } from './core-entries.js'

export const section = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  code: 10,
  tag: 13,
} as const
const SECTION_ID_MAX = 13

/** A section's place in the module: from its id byte to its end; `body` is behind the size. */
export type CoreSection = { readonly id: number; readonly start: number; readonly body: number; readonly end: number }

/** Limits as written: pages for a memory, entries for a table. */
export type Limits = {
  readonly initial: number
  readonly maximum?: number
  readonly shared: boolean
  readonly is64: boolean
}
export type CoreExport = { readonly name: string; readonly kind: number; readonly index: number }
export type CoreTable = { readonly limits: Limits; readonly elementType: Uint8Array; readonly initialised: boolean }

/** What of a core module is looked at: its borders and its limits, never its code. */
export type CoreModule = {
  readonly bytes: Uint8Array
  readonly sections: readonly CoreSection[]
  readonly imports: readonly CoreImport[]
  readonly exports: readonly CoreExport[]
  /** Memories that the module defines itself, not those that it imports. */
  readonly memories: readonly Limits[]
  readonly tables: readonly CoreTable[]
  /** Globals that the module defines itself. */
  readonly globals: number
  /** Functions defined in the module, behind the imported ones. */
  readonly definedFunctions: number
}

/** @throws {BulkheadError} `component-invalid` when the bytes are not a whole core module. */
export function readCoreModule(bytes: Uint8Array): CoreModule {
  const sections = [...coreSections(bytes)]
  const readerOf = (id: number): ByteReader | undefined => {
    const found = sections.find((each) => each.id === id)
    return found && new ByteReader(bytes, found.body, found.end)
  }
  const read = <T>(id: number, entry: (reader: ByteReader) => T): T[] => {
    const reader = readerOf(id)
    if (reader === undefined) return []
    const entries: T[] = []
    for (let left = reader.count(); left > 0; left -= 1) entries.push(entry(reader))
    if (!reader.done) throw damaged(`has bytes left over in section ${id}`)
    return entries
  }
  return {
    bytes,
    sections,
    imports: read(section.import, readImport),
    exports: read(section.export, readExport),
    memories: read(section.memory, readMemory),
    tables: read(section.table, readTable),
    globals: readerOf(section.global)?.count() ?? 0,
    definedFunctions: read(section.function, (reader) => reader.u32()).length,
  }
}

/** The sections in order. Each but the custom one may stand once: a second one would be a memory that nobody capped. */
function* coreSections(bytes: Uint8Array): Generator<CoreSection> {
  const reader = new ByteReader(bytes, 8)
  const seen = new Set<number>()
  while (!reader.done) {
    const start = reader.position
    const id = reader.byte()
    if (id > SECTION_ID_MAX) throw damaged(`has a section of unknown kind ${id}`)
    if (id !== section.custom && seen.has(id)) throw damaged(`has section ${id} twice`)
    seen.add(id)
    const size = reader.u32()
    const body = reader.position
    reader.take(size)
    yield { id, start, body, end: reader.position }
  }
}
