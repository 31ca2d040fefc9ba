import { BulkheadError } from '@bulkhead/vocabulary'
import type { Expression } from './s-expression.js'

export type List = Extract<Expression, { kind: 'list' }>

/** The first word of a list: `type` of `(type …)`. */
export function headOf(expression: Expression | undefined): string | undefined {
  const first = expression?.kind === 'list' ? expression.items[0] : undefined
  return first?.kind === 'atom' ? first.text : undefined
}

/** The lists among the members of a list, in order. */
export function listsOf(list: List): List[] {
  return list.items.filter((item): item is List => item.kind === 'list')
}

/** The bare word at a place, if one stands there. */
export function atomAt(list: List, index: number): string | undefined {
  const item = list.items[index]
  return item?.kind === 'atom' ? item.text : undefined
}

/** @throws {BulkheadError} `component-invalid` when no string stands there. */
export function stringAt(list: List, index: number): string {
  const item = list.items[index]
  if (item?.kind === 'string') return item.text
  throw new BulkheadError(
    'component-invalid',
    `the description of the component's imports lacks a name in \`${headOf(list) ?? ''}\``,
  )
}
