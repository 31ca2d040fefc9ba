import { childOf, identifierName, listOf, type SyntaxNode } from './syntax-tree.js'

/** Where the text stands that is left of such a statement. */
export type ExpectedFailure = { readonly start: number; readonly end: number }

/**
 * Whether a statement is `try { x = WebAssembly.promising(y) } catch { x = y }`, and then where `x = y` stands. The glue
 * wraps `cabi_realloc` so, for calls that wait, of which an actor makes none. On an engine without `promising` the call
 * fails, and to say what is no function there V8 parses the whole glue again: most of an instantiation's time.
 */
export function expectedFailure(statement: SyntaxNode, source: string): ExpectedFailure | undefined {
  if (statement.type !== 'TryStatement' || childOf(statement, 'finalizer') !== undefined) return undefined
  const attempt = onlyAssignment(childOf(statement, 'block'))
  const fallback = onlyAssignment(childOf(childOf(statement, 'handler'), 'body'))
  const call = childOf(attempt, 'right')
  const plain = childOf(fallback, 'right')
  const [argument, ...more] = listOf(call, 'arguments')
  const callee = childOf(call, 'callee')
  const target = identifierName(childOf(attempt, 'left'))
  const isKnown =
    call?.type === 'CallExpression' &&
    callee?.type === 'MemberExpression' &&
    identifierName(childOf(callee, 'object')) === 'WebAssembly' &&
    identifierName(childOf(callee, 'property')) === 'promising' &&
    more.length === 0 &&
    target !== undefined &&
    target === identifierName(childOf(fallback, 'left')) &&
    plain?.type === 'MemberExpression' &&
    textOf(argument, source) === textOf(plain, source)
  return isKnown && fallback !== undefined ? { start: fallback.start, end: fallback.end } : undefined
}

function onlyAssignment(block: SyntaxNode | undefined): SyntaxNode | undefined {
  const [statement, ...rest] = listOf(block, 'body')
  const expression = rest.length === 0 ? childOf(statement, 'expression') : undefined
  const isPlain = expression?.type === 'AssignmentExpression' && expression['operator'] === '='
  return isPlain ? expression : undefined
}

function textOf(node: SyntaxNode | undefined, source: string): string | undefined {
  return node === undefined ? undefined : source.slice(node.start, node.end)
}
