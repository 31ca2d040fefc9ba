import { describedMembersMax, describedTypeDepthMax } from './limits.js'
import type { ValueType } from './value-type.js'

/** A type as WIT would write it, for messages: cut short in depth and width, however large the type is. */
export function describeType(type: ValueType | undefined, depth = 0): string {
  if (type === undefined) return 'nothing'
  if (depth >= describedTypeDepthMax) return type.kind
  const inner = (part: ValueType | undefined): string => (part === undefined ? '_' : describeType(part, depth + 1))
  switch (type.kind) {
    case 'list':
      return `list<${inner(type.element)}>`
    case 'option':
      return `option<${inner(type.value)}>`
    case 'tuple':
      return `tuple<${shorten(type.items, inner)}>`
    case 'record':
      return `record { ${shorten(type.fields, (field) => `${field.name}: ${inner(field.type)}`)} }`
    case 'variant':
      return `variant { ${shorten(type.cases, (each) => (each.type === undefined ? each.name : `${each.name}(${inner(each.type)})`))} }`
    case 'enum':
    case 'flags':
      return `${type.kind} { ${shorten(type.names, (name) => name)} }`
    case 'result':
      return describeResult(type, inner)
    case 'own':
    case 'borrow':
      return `${type.kind}<${type.interface}.${type.resource}>`
    case 'unsupported':
      return `an unsupported type (${type.text})`
    default:
      return type.kind
  }
}

function describeResult(
  type: Extract<ValueType, { kind: 'result' }>,
  inner: (part: ValueType | undefined) => string,
): string {
  if (type.error === undefined) return type.ok === undefined ? 'result' : `result<${inner(type.ok)}>`
  return `result<${inner(type.ok)}, ${inner(type.error)}>`
}

function shorten<T>(members: readonly T[], describe: (member: T) => string): string {
  const shown = members.slice(0, describedMembersMax).map(describe)
  return members.length > shown.length ? [...shown, '…'].join(', ') : shown.join(', ')
}
