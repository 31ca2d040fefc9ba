import type { Field, ValueType } from '../value-type.js'

/** A function that a component exports, and that its host can call by name. */
export type ExportedFunction = {
  /** The interface that it belongs to, with its version; absent for a function of the component itself. */
  readonly interface?: string
  /** As in WIT. */
  readonly name: string
  readonly params: readonly Field[]
  readonly result?: ValueType
}

/** `greet`, or `acme:math/ops@1.0.0#add`. */
export function qualifiedName({ interface: owner, name }: ExportedFunction): string {
  return owner === undefined ? name : `${owner}#${name}`
}

/** A part of a function's types that no call can carry; `undefined` where all of them are plain values. */
export function uncallable({ params, result }: ExportedFunction): string | undefined {
  const parts = [...params, ...(result === undefined ? [] : [{ name: 'result', type: result }])]
  for (const { name, type } of parts) {
    const found = foreignIn(type)
    if (found !== undefined) return `\`${name}\` holds ${found}`
  }
  return undefined
}

function foreignIn(type: ValueType): string | undefined {
  switch (type.kind) {
    case 'own':
    case 'borrow':
      return 'a resource, which lives and ends inside of the component'
    case 'unsupported':
      return `a type that no call carries (${type.text})`
    default:
      return partsOf(type)
        .map(foreignIn)
        .find((found) => found !== undefined)
  }
}

/** The types that a type is made of, one level down. */
export function partsOf(type: ValueType): readonly ValueType[] {
  switch (type.kind) {
    case 'list':
      return [type.element]
    case 'option':
      return [type.value]
    case 'tuple':
      return type.items
    case 'record':
      return type.fields.map((field) => field.type)
    case 'variant':
      return type.cases.flatMap((each) => each.type ?? [])
    case 'result':
      return [type.ok, type.error].flatMap((each) => each ?? [])
    default:
      return []
  }
}
