import { type Options, parse } from 'acorn'

/** A node of the parsed glue, seen without knowledge of its type: whatever a check does not know, it still visits. */
export type SyntaxNode = {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

const OPTIONS: Options = { ecmaVersion: 2023, sourceType: 'module' }

/** @throws {SyntaxError} when the text is not a JavaScript module. */
export function parseModule(source: string): SyntaxNode {
  return parse(source, OPTIONS) as unknown as SyntaxNode
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}

/** The node under `key`, if one stands there. */
export function childOf(node: SyntaxNode | undefined, key: string): SyntaxNode | undefined {
  const value = node?.[key]
  return isNode(value) ? value : undefined
}

/** The nodes of the list under `key`; holes of array patterns are left out. */
export function listOf(node: SyntaxNode | undefined, key: string): readonly SyntaxNode[] {
  const value = node?.[key]
  return Array.isArray(value) ? value.filter(isNode) : []
}

/** Every node directly below, in the order of the text's grammar. */
export function* childrenOf(node: SyntaxNode): Generator<SyntaxNode> {
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) yield* value.filter(isNode)
    else if (isNode(value)) yield value
  }
}

/** The name of an `Identifier`; `undefined` for every other node. */
export function identifierName(node: SyntaxNode | undefined): string | undefined {
  return node?.type === 'Identifier' && typeof node['name'] === 'string' ? node['name'] : undefined
}

/** The value of a string literal; `undefined` for every other node. */
export function stringValue(node: SyntaxNode | undefined): string | undefined {
  return node?.type === 'Literal' && typeof node['value'] === 'string' ? node['value'] : undefined
}
