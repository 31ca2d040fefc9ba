import { childOf, childrenOf, identifierName, listOf, type SyntaxNode } from './syntax-tree.js'
import { bodyOfArrow, callIn, declaredBy, isNotice, runUnderTask, textOf, untasked } from './task-bookkeeping.js'
import type { Edit } from './text-edit.js'

// A call of an exported function without its tasks is whether an earlier one was trapped, the arguments, the function, its
// result and what is called afterwards to free it:
//
//     function greet(arg0) { not trapped?; tasks; return meta(() => { try { …arguments…; ret = meta(() => f(…)); … } … }) }
//
// becomes
//
//     function greet(arg0) { not trapped?; { try { …arguments…; ret = f(…); … } … } }
//
// Only where nothing asks for the task of the day: in a component of one part, whose imports are all direct. Between parts,
// the resources that are lent belong to a task.

/** The edits that make the calls of exported functions direct, as far as they are of the known shape. */
export function directExports(module: SyntaxNode, source: string): readonly Edit[] {
  const functions: SyntaxNode[] = []
  let isPlain = true
  const visit = (node: SyntaxNode): void => {
    if (node.type === 'FunctionDeclaration') functions.push(node)
    if (node.type === 'VariableDeclaration' && /^trampoline\d+$/.test(declaredBy(node) ?? '')) {
      isPlain &&= isPlainTrampoline(childOf(listOf(node, 'declarations')[0], 'init'))
    }
    for (const child of childrenOf(node)) visit(child)
  }
  visit(module)
  return isPlain ? functions.flatMap((each) => direct(each, source) ?? []) : []
}

/** What guests call beside functions: a direct import, or `resource.new`. Dropping a resource is a declared function. */
function isPlainTrampoline(init: SyntaxNode | undefined): boolean {
  if (init?.type === 'ArrowFunctionExpression') return true
  return identifierName(childOf(childOf(init, 'callee'), 'object')) === 'rscTableCreateOwn'
}

function direct(definition: SyntaxNode, source: string): readonly Edit[] | undefined {
  const statements = listOf(childOf(definition, 'body'), 'body').filter(({ type }) => type !== 'EmptyStatement')
  const [provided, trapped, task, ...rest] = statements
  const last = rest.at(-1)
  const between = rest.slice(0, -1)
  if (provided === undefined || trapped === undefined || task === undefined || last?.type !== 'ReturnStatement')
    return undefined
  if (declaredBy(provided) !== 'hostProvided' || !isNewTask(task, source)) return undefined
  const mayBlock = between.find((each) => textOf(each, source) === MAY_BLOCK)
  const known = between.every((each) => each === mayBlock || declaredBy(each) === 'started' || isNotice(each))
  const returned = childOf(last, 'argument')
  const block = returned && bodyOfArrow(runUnderTask(returned))
  if (!known || mayBlock === undefined || block?.type !== 'BlockStatement') return undefined
  const inside = untasked(block, [], (node) => callIn(bodyOfArrow(runUnderTask(node))), source)
  if (inside === undefined) return undefined
  const removed = [provided, task, ...between].map((each) => ({
    start: each.start,
    end: each.end,
    text: each === mayBlock ? NEVER_BLOCKS : '',
  }))
  return [
    ...removed,
    { start: last.start, end: block.start, text: '' },
    ...inside.edits,
    { start: block.end, end: last.end, text: '' },
  ]
}

const MAY_BLOCK = 'CURRENT_TASK_MAY_BLOCK.value = task.mayBlock() ? 1 : 0;'
/** What it comes to for a task that is not asynchronous. */
const NEVER_BLOCKS = 'CURRENT_TASK_MAY_BLOCK.value = 0;'

/** `const [task, …] = createNewCurrentTask({ … })` of a call that may not suspend. */
function isNewTask(statement: SyntaxNode, source: string): boolean {
  const [declarator, ...more] = statement.type === 'VariableDeclaration' ? listOf(statement, 'declarations') : []
  const init = childOf(declarator, 'init')
  const [options] = init?.type === 'CallExpression' ? listOf(init, 'arguments') : []
  const has = (text: string): boolean => listOf(options, 'properties').some((each) => textOf(each, source) === text)
  return (
    more.length === 0 &&
    identifierName(childOf(init, 'callee')) === 'createNewCurrentTask' &&
    identifierName(listOf(childOf(declarator, 'id'), 'elements')[0]) === 'task' &&
    has('isAsync: false') &&
    has('isManualAsync: false') &&
    has('callingWasmExport: true')
  )
}
