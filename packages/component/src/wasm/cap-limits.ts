import { BulkheadError, formatBytes } from '@bulkhead/vocabulary'
import { coreInstancesMax, globalsMax, tableEntriesMax, wasmPageBytes, wasmPagesMax } from '../limits.js'
import { leb } from './byte-writer.js'
import { type CoreModule, type CoreTable, type Limits, section } from './core-module.js'
import { replaceSections } from './replace-sections.js'

/** A core module and how often the glue instantiates it: each instance has memories, tables and globals of its own. */
export type CountedModule = { readonly module: CoreModule; readonly instances: number }

/**
 * Writes maxima into the modules, so that all their memories together can never exceed `memoryBytesMax`, nor all their
 * tables `tableEntriesMax`: growing past it returns -1 and the guest goes on. What is left above the initial sizes is
 * shared evenly among those that want more; almost always that is one memory. Globals do not grow; there is a bound on them.
 *
 * @returns the modules' new bytes, in order.
 * @throws {BulkheadError} `resource-limit-exceeded` when the initial sizes alone are over the cap.
 * @throws {BulkheadError} `component-too-large` when there are more instances than a component may have.
 * @throws {BulkheadError} `component-proposal-unsupported` for shared and 64-bit memories and tables, which no maximum
 *   contains.
 */
export function capLimits(modules: readonly CountedModule[], memoryBytesMax: number): Uint8Array[] {
  for (const { module } of modules) refuseUncontained(module)
  refuseTooMany(modules)
  const memories = sharesOf(
    modules,
    (module) => module.memories,
    Math.floor(memoryBytesMax / wasmPageBytes),
    wasmPagesMax,
  )
  if (memories.initial > memories.cap) {
    const initialBytes = memories.initial * wasmPageBytes
    throw new BulkheadError(
      'resource-limit-exceeded',
      `the component starts with ${formatBytes(initialBytes)} of memory and may have ${formatBytes(memoryBytesMax)}`,
      {
        details: { resource: 'memory', limit: memoryBytesMax, initial: initialBytes },
        hint: `give it more: memory = "${Math.ceil(initialBytes / 1024 ** 2)}MiB"`,
      },
    )
  }
  const tables = sharesOf(
    modules,
    (module) => module.tables.map((table) => table.limits),
    tableEntriesMax,
    tableEntriesMax,
  )
  if (tables.initial > tables.cap) {
    throw new BulkheadError(
      'resource-limit-exceeded',
      `the component starts with tables of ${tables.initial} entries and may have ${tableEntriesMax}`,
      { details: { resource: 'table-entries', limit: tableEntriesMax, initial: tables.initial } },
    )
  }
  return modules.map(({ module }, index) => rewrite(module, memories.maxima[index] ?? [], tables.maxima[index] ?? []))
}

function refuseTooMany(modules: readonly CountedModule[]): void {
  const instances = modules.reduce((sum, each) => sum + each.instances, 0)
  if (instances > coreInstancesMax) {
    throw new BulkheadError('component-too-large', `the component makes ${instances} instances of core modules`, {
      details: { limit: coreInstancesMax },
    })
  }
  const globals = modules.reduce((sum, each) => sum + each.module.globals * each.instances, 0)
  if (globals > globalsMax) {
    throw new BulkheadError(
      'resource-limit-exceeded',
      `the component has ${globals} globals in its instances and may have ${globalsMax}`,
      { details: { resource: 'globals', limit: globalsMax, initial: globals } },
    )
  }
}

function refuseUncontained(module: CoreModule): void {
  const limits = [
    ...module.memories,
    ...module.tables.map((table) => table.limits),
    ...module.imports.flatMap((each) => (each.limits === undefined ? [] : [each.limits])),
  ]
  const proposal = limits.some((each) => each.shared)
    ? 'threads'
    : limits.some((each) => each.is64)
      ? 'memory64'
      : undefined
  if (proposal === undefined) return
  const what = proposal === 'threads' ? 'a shared memory' : 'a 64-bit memory'
  throw new BulkheadError('component-proposal-unsupported', `the component uses ${what} (proposal \`${proposal}\`)`, {
    details: { proposal },
    hint: `build it without ${proposal}`,
  })
}

type Shares = { readonly initial: number; readonly cap: number; readonly maxima: readonly (readonly number[])[] }

/** Divides `cap` among all instances; within one module each instance of a memory gets the same. */
function sharesOf(
  modules: readonly CountedModule[],
  limitsOf: (module: CoreModule) => readonly Limits[],
  cap: number,
  eachMax: number,
): Shares {
  const wishes = modules.map(({ module, instances }) =>
    limitsOf(module).map((limits) => ({ initial: limits.initial, wish: wishOf(limits, eachMax), instances })),
  )
  const all = wishes.flat().filter((each) => each.instances > 0)
  const initial = all.reduce((total, each) => total + each.initial * each.instances, 0)
  let left = Math.max(0, cap - initial)
  let takers = all.reduce((count, each) => count + each.instances, 0)
  const granted = new Map<object, number>()
  // The most modest first: what they leave goes to the others.
  for (const each of [...all].sort((a, b) => a.wish - b.wish)) {
    const extra = Math.min(each.wish, Math.floor(left / takers))
    granted.set(each, each.initial + extra)
    left -= extra * each.instances
    takers -= each.instances
  }
  return { initial, cap, maxima: wishes.map((list) => list.map((each) => granted.get(each) ?? each.initial)) }
}

function wishOf(limits: Limits, eachMax: number): number {
  return Math.max(0, Math.min(limits.maximum ?? eachMax, eachMax) - limits.initial)
}

function rewrite(module: CoreModule, memories: readonly number[], tables: readonly number[]): Uint8Array {
  const bodies = new Map<number, readonly number[]>()
  if (module.memories.length > 0) {
    bodies.set(section.memory, vector(module.memories.map((limits, index) => cappedLimits(limits, memories[index]))))
  }
  if (module.tables.length > 0) {
    bodies.set(section.table, vector(module.tables.map((table, index) => cappedTable(table, tables[index]))))
  }
  return replaceSections(module, bodies)
}

function cappedLimits(limits: Limits, maximum = limits.initial): number[] {
  return [1, ...leb(limits.initial), ...leb(maximum)]
}

function cappedTable(table: CoreTable, maximum: number | undefined): number[] {
  if (table.initialised) {
    throw new BulkheadError('component-proposal-unsupported', 'the component initialises a table with an expression', {
      details: { proposal: 'function-references' },
    })
  }
  return [...table.elementType, ...cappedLimits(table.limits, maximum)]
}

function vector(entries: readonly (readonly number[])[]): number[] {
  return [...leb(entries.length), ...entries.flat()]
}
