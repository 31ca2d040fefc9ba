import type { Case, Field, ValueType } from './value-type.js'

/**
 * Whether two types are the same in every part, by name and by order. The walk follows `expected`, which is one of ours
 * and small, so a component cannot make it long.
 */
export function sameType(found: ValueType | undefined, expected: ValueType | undefined): boolean {
  if (expected === undefined || found === undefined) return found === expected
  switch (expected.kind) {
    case 'list':
      return found.kind === 'list' && sameType(found.element, expected.element)
    case 'option':
      return found.kind === 'option' && sameType(found.value, expected.value)
    case 'tuple':
      return found.kind === 'tuple' && sameSequence(found.items, expected.items, sameType)
    case 'record':
      return found.kind === 'record' && sameSequence(found.fields, expected.fields, sameMember)
    case 'variant':
      return found.kind === 'variant' && sameSequence(found.cases, expected.cases, sameMember)
    case 'enum':
    case 'flags':
      return found.kind === expected.kind && sameSequence(found.names, expected.names, (a, b) => a === b)
    case 'result':
      return found.kind === 'result' && sameType(found.ok, expected.ok) && sameType(found.error, expected.error)
    case 'own':
    case 'borrow':
      return (
        found.kind === expected.kind && found.interface === expected.interface && found.resource === expected.resource
      )
    case 'unsupported':
      return false
    default:
      return found.kind === expected.kind
  }
}

function sameMember(found: Field | Case, expected: Field | Case): boolean {
  return found.name === expected.name && sameType(found.type, expected.type)
}

function sameSequence<T>(found: readonly T[], expected: readonly T[], same: (a: T, b: T) => boolean): boolean {
  return (
    found.length === expected.length &&
    expected.every((member, index) => {
      const other = found[index]
      return other !== undefined && same(other, member)
    })
  )
}
