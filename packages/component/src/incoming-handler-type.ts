// The type of `wasi:http/incoming-handler` is one of handles: of the very resources that the component imports from
// `wasi:http/types`, and no others of the same name. So it cannot stand in a table as the others do, and is written anew for
// each component, with the places at which that one has them.

import type { ComponentTop } from './component-types.js'
import { concatBytes, leb, sectionBytes } from './wasm/byte-writer.js'

export const incomingHandler = { name: 'wasi:http/incoming-handler', version: '0.2.12' } as const

const typesInterface = /^wasi:http\/types@/
const SECTION = { alias: 6, type: 7, export: 11 } as const
const SORT = { func: 1, type: 3, instance: 5 } as const

/**
 * The same component, with one instance exported once more as an incoming handler; `undefined` where it does not import
 * what a handler is given.
 */
export function asIncomingHandler(component: Uint8Array, top: ComponentTop, instance: number): Uint8Array | undefined {
  const http = top.imported.find(({ name }) => typesInterface.test(name))
  if (http === undefined) return undefined
  const aliases = ['incoming-request', 'response-outparam'].flatMap((name) => [
    ...[SORT.type, 0, ...leb(http.index)],
    ...text(name),
  ])
  const type = top.types + 2
  const exported = [0, ...text('bulkhead:expected/type'), SORT.instance, ...leb(instance), 1, SORT.instance]
  return concatBytes([
    component,
    sectionBytes(SECTION.alias, [2, ...aliases]),
    sectionBytes(SECTION.type, [1, ...handlerType(top.types, top.types + 1)]),
    sectionBytes(SECTION.export, [1, ...exported, ...leb(type)]),
  ])
}

/** An instance type, by the places of both resources among the types of the component. */
function handlerType(request: number, outparam: number): number[] {
  const outer = (place: number): number[] => [2, SORT.type, 2, 1, ...leb(place)]
  const exportedType = (name: string, place: number): number[] => [4, 0, ...text(name), SORT.type, 0, place]
  const own = (place: number): number[] => [1, 0x69, place]
  const declarations = [
    outer(request),
    exportedType('incoming-request', 0),
    outer(outparam),
    exportedType('response-outparam', 2),
    own(1),
    own(3),
    [1, 0x40, 2, ...text('request'), 4, ...text('response-out'), 5, 1, 0],
    [4, 0, ...text('handle'), SORT.func, 6],
  ]
  return [0x42, declarations.length, ...declarations.flat()]
}

function text(value: string): number[] {
  const bytes = new TextEncoder().encode(value)
  return [...leb(bytes.length), ...bytes]
}
