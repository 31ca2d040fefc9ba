import { childOf, childrenOf, identifierName, isNode, listOf, type SyntaxNode } from './syntax-tree.js'
import type { Edit } from './text-edit.js'

// The transpiler keeps tasks and subtasks for each call into and out of a component, with promises, handles and names in
// texts, so that a call may suspend. In an actor none does: its functions and the host's return or throw before the other
// side goes on. What such a call is without its tasks is found here; `direct-imports.ts` and `direct-exports.ts` use it.

/** What a call's bookkeeping declares. A function that still names one of these when it is taken out stays as it was. */
const declared: ReadonlySet<string> = new Set([
  'hostProvided',
  'parentTask',
  'task',
  'subtask',
  'createTask',
  'taskCreation',
  'started',
])
const notices: ReadonlySet<string> = new Set([
  'setErrored',
  'reject',
  'exit',
  'resolve',
  'setCalleeIsAsync',
  'setReturnMemoryIdx',
  'setReturnMemory',
])

export type Untasked = {
  readonly edits: readonly Edit[]
  /** What the task is resolved with. */
  readonly results: readonly SyntaxNode[]
}

/**
 * The edits that take the bookkeeping out of a function with one call in it; `undefined` when there is anything that is not
 * known.
 *
 * @param without statements that are taken out, or are edited by the caller.
 * @param callOf the call inside its wrapper.
 */
export function untasked(
  definition: SyntaxNode,
  without: readonly SyntaxNode[],
  callOf: (node: SyntaxNode) => SyntaxNode | undefined,
  source: string,
): Untasked | undefined {
  const edits: Edit[] = []
  const results: SyntaxNode[] = []
  let resolutions = 0
  let calls = 0
  let leftovers = 0
  const visit = (node: SyntaxNode, parent: SyntaxNode): void => {
    if (without.includes(node)) return
    if (isNotice(node)) {
      const resolved = resolvedBy(node)
      if (resolved !== undefined) {
        resolutions += 1
        results.push(...resolved)
      }
      edits.push({ start: node.start, end: node.end, text: '' })
      return
    }
    const call = callOf(node)
    if (call !== undefined) {
      calls += 1
      edits.push({ start: node.start, end: node.end, text: textOf(call, source) })
      // What stands in it is copied as it is: it is looked at for what is left, and not edited.
      if (names(call)) leftovers += 1
      return
    }
    if (isReference(node, parent) && declared.has(identifierName(node) ?? '')) leftovers += 1
    for (const child of childrenOf(node)) visit(child, node)
  }
  visit(definition, definition)
  return calls === 1 && leftovers === 0 && resolutions === 1 ? { edits, results } : undefined
}

/** The name of the one variable that a statement declares, or its label. */
export function declaredBy(statement: SyntaxNode): string | undefined {
  if (statement.type === 'LabeledStatement') return identifierName(childOf(statement, 'label'))
  const [declarator, ...more] = statement.type === 'VariableDeclaration' ? listOf(statement, 'declarations') : []
  return more.length === 0 ? identifierName(childOf(declarator, 'id')) : undefined
}

/**
 * A statement that only tells the task something: `task.exit();`, or some of those under `if (!task.isExited())` or a
 * comparison of two numbers or `null`.
 */
export function isNotice(statement: SyntaxNode): boolean {
  if (statement.type === 'IfStatement') {
    const body = listOf(childOf(statement, 'consequent'), 'body')
    return (
      childOf(statement, 'alternate') === undefined &&
      body.every(isNotice) &&
      isHarmlessTest(childOf(statement, 'test'))
    )
  }
  const call = statement.type === 'ExpressionStatement' ? childOf(statement, 'expression') : undefined
  return methodOfTask(call, notices)
}

/** The value of `fn` where a node is `_withGlobalCurrentTaskMeta({ …, fn })`. */
export function runUnderTask(node: SyntaxNode): SyntaxNode | undefined {
  const properties = listOf(argumentsOf(node, '_withGlobalCurrentTaskMeta')[0], 'properties')
  const keys = properties.map((property) => identifierName(childOf(property, 'key')))
  if ([...keys].sort().join() !== 'componentIdx,fn,taskID') return undefined
  return childOf(properties[keys.indexOf('fn')], 'value')
}

export function argumentsOf(node: SyntaxNode | undefined, callee: string): readonly SyntaxNode[] {
  if (node?.type !== 'CallExpression' || identifierName(childOf(node, 'callee')) !== callee) return []
  return listOf(node, 'arguments')
}

/** What an arrow function without parameters consists of. */
export function bodyOfArrow(arrow: SyntaxNode | undefined): SyntaxNode | undefined {
  const body = arrow?.['body']
  return arrow?.type === 'ArrowFunctionExpression' && listOf(arrow, 'params').length === 0 && isNode(body)
    ? body
    : undefined
}

/** A call, or a new object; nothing for every other expression. */
export function callIn(node: SyntaxNode | undefined): SyntaxNode | undefined {
  return node?.type === 'CallExpression' || node?.type === 'NewExpression' ? node : undefined
}

export function textOf({ start, end }: SyntaxNode, source: string): string {
  return source.slice(start, end)
}

function resolvedBy(notice: SyntaxNode): readonly SyntaxNode[] | undefined {
  const call = childOf(notice, 'expression')
  if (identifierName(childOf(childOf(call, 'callee'), 'property')) !== 'resolve') return undefined
  return listOf(listOf(call, 'arguments')[0], 'elements')
}

function isHarmlessTest(test: SyntaxNode | undefined): boolean {
  if (test?.type === 'UnaryExpression')
    return methodOfTask(childOf(test, 'argument'), new Set(['isResolvedState', 'isExited']))
  return childOf(test, 'left')?.type === 'Literal' && childOf(test, 'right')?.type === 'Literal'
}

function methodOfTask(call: SyntaxNode | undefined, methods: ReadonlySet<string>): boolean {
  const callee = call?.type === 'CallExpression' ? childOf(call, 'callee') : undefined
  return (
    identifierName(childOf(callee, 'object')) === 'task' &&
    methods.has(identifierName(childOf(callee, 'property')) ?? '')
  )
}

function names(node: SyntaxNode): boolean {
  if (declared.has(identifierName(node) ?? '')) return true
  for (const child of childrenOf(node)) if (names(child)) return true
  return false
}

/** Whether an identifier here is one that is looked up, and not the name of a property. */
function isReference(node: SyntaxNode, parent: SyntaxNode): boolean {
  return parent['computed'] === true || (childOf(parent, 'key') !== node && childOf(parent, 'property') !== node)
}
