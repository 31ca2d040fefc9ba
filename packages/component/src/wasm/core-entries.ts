import { type ByteReader, damaged } from './byte-reader.js'
import type { CoreExport, CoreTable, Limits } from './core-module.js'

export const externalKind = { function: 0, table: 1, memory: 2, global: 3, tag: 4 } as const

export type CoreImport = {
  readonly module: string
  readonly name: string
  readonly kind: number
  /** Of an imported memory or table. */
  readonly limits?: Limits
}

export function readImport(reader: ByteReader): CoreImport {
  const module = reader.name()
  const name = reader.name()
  const kind = reader.byte()
  switch (kind) {
    case externalKind.function:
      reader.u32()
      return { module, name, kind }
    case externalKind.table:
      return { module, name, kind, limits: readTable(reader).limits }
    case externalKind.memory:
      return { module, name, kind, limits: readMemory(reader) }
    case externalKind.global:
      skipValueType(reader)
      reader.byte()
      return { module, name, kind }
    case externalKind.tag:
      reader.byte()
      reader.u32()
      return { module, name, kind }
    default:
      throw damaged(`imports something of unknown kind ${kind}`)
  }
}

export function readExport(reader: ByteReader): CoreExport {
  const name = reader.name()
  const kind = reader.byte()
  return { name, kind, index: reader.u32() }
}

const FLAG = { maximum: 1, shared: 2, is64: 4 } as const

export function readMemory(reader: ByteReader): Limits {
  const flags = reader.byte()
  if (flags > 7) throw damaged('has a memory of unknown form')
  const is64 = (flags & FLAG.is64) !== 0
  const size = (): number => (is64 ? reader.u64() : reader.u32())
  const initial = size()
  const shared = (flags & FLAG.shared) !== 0
  return (flags & FLAG.maximum) !== 0 ? { initial, maximum: size(), shared, is64 } : { initial, shared, is64 }
}

/** A table with an initialiser begins with 0x40 0x00; the initialiser itself is not read, so nothing may follow it. */
export function readTable(reader: ByteReader): CoreTable {
  const initialised = reader.bytes[reader.position] === 0x40
  if (initialised) reader.take(2)
  const start = reader.position
  skipValueType(reader)
  const elementType = reader.bytes.subarray(start, reader.position)
  const limits = readMemory(reader)
  if (initialised) skipConstantExpression(reader)
  return { limits, elementType, initialised }
}

/** One byte, or `ref`/`ref null` and the heap type that it refers to. */
function skipValueType(reader: ByteReader): void {
  const type = reader.byte()
  if (type === 0x63 || type === 0x64) reader.skipLeb()
}

const END = 0x0b

function skipConstantExpression(reader: ByteReader): void {
  for (;;) {
    const opcode = reader.byte()
    if (opcode === END) return
    // ref.func, ref.null, global.get: each with one number behind it.
    if (opcode !== 0xd2 && opcode !== 0xd0 && opcode !== 0x23) throw damaged('initialises a table in an unknown way')
    reader.skipLeb()
  }
}
