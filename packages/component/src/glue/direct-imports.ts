import { childOf, childrenOf, identifierName, listOf, type SyntaxNode } from './syntax-tree.js'
import { argumentsOf, bodyOfArrow, callIn, declaredBy, runUnderTask, textOf, untasked } from './task-bookkeeping.js'
import type { Edit } from './text-edit.js'

// A call of the host without its tasks is whether the component may be left now, the arguments, the function and its result:
//
//     const _trampoline0 = function (arg0) { …arguments…; tasks; try { ret = meta(track(() => f(…))) } …; result }
//     let trampoline0 = _trampoline0.manuallyAsync ? … : _lowerImportBackwardsCompat.bind(null, { … })
//
// becomes
//
//     const _trampoline0 = function (arg0) { …arguments…; try { ret = f(…) } …; result }
//     let trampoline0 = (a0) => { _checkMayLeave(0); return _trampoline0(a0) }
//
// A call of any other shape is left as it is: as right as before, and slower.

/** What the bookkeeping of one call declares, in this order and with nothing in between. */
const bookkeeping = ['hostProvided', 'parentTask', 'task', 'subtask', 'createTask', 'taskCreation', 'started'] as const

type Lowering = {
  readonly trampoline: string
  readonly component: number
  readonly init: SyntaxNode
  /** Whether the guest gets nothing back by value. */
  readonly returnsNothing: boolean
}

/** The edits that make all calls of imports in this glue direct, as far as they are of the known shape. */
export function directImports(module: SyntaxNode, source: string): readonly Edit[] {
  const functions = new Map<string, SyntaxNode>()
  const lowerings: Lowering[] = []
  const visit = (node: SyntaxNode): void => {
    const [declarator, ...more] = node.type === 'VariableDeclaration' ? listOf(node, 'declarations') : []
    const name = identifierName(childOf(declarator, 'id'))
    const init = childOf(declarator, 'init')
    if (name !== undefined && init !== undefined && more.length === 0) {
      if (init.type === 'FunctionExpression' && /^_trampoline\d+$/.test(name)) functions.set(name, init)
      const lowering = /^trampoline\d+$/.test(name) ? loweringOf(init, source) : undefined
      if (lowering !== undefined) lowerings.push(lowering)
    }
    for (const child of childrenOf(node)) visit(child)
  }
  visit(module)
  return lowerings.flatMap((lowering) => {
    const definition = functions.get(lowering.trampoline)
    const edits = definition && direct(definition, source, lowering.returnsNothing)
    if (definition === undefined || edits === undefined) return []
    const { start, end } = lowering.init
    return [{ start, end, text: directCall(lowering, listOf(definition, 'params').length) }, ...edits]
  })
}

function directCall({ trampoline, component }: Lowering, count: number): string {
  const names = Array.from({ length: count }, (_, index) => `a${index}`).join(', ')
  return `(${names}) => { _checkMayLeave(${component}); return ${trampoline}(${names}) }`
}

/** `_trampolineN.manuallyAsync ? … : _lowerImportBackwardsCompat.bind(null, { … })` of a function that does not suspend. */
function loweringOf(init: SyntaxNode, source: string): Lowering | undefined {
  const bind = init.type === 'ConditionalExpression' ? childOf(init, 'alternate') : undefined
  const bound = identifierName(childOf(childOf(bind, 'callee'), 'object'))
  if (bound !== '_lowerImportBackwardsCompat') return undefined
  const options = new Map<string, SyntaxNode>()
  for (const property of listOf(listOf(bind, 'arguments')[1], 'properties')) {
    const key = identifierName(childOf(property, 'key'))
    const value = childOf(property, 'value')
    if (key !== undefined && value !== undefined) options.set(key, value)
  }
  const literal = (name: string): unknown => options.get(name)?.['value']
  const component = literal('componentIdx')
  const trampoline = identifierName(options.get('importFn'))
  const lowers = options.get('resultLowerFns')
  const test = childOf(init, 'test')
  if (literal('isAsync') !== false || literal('funcTypeIsAsync') !== false) return undefined
  if (typeof component !== 'number' || trampoline === undefined || lowers === undefined) return undefined
  if (test === undefined || textOf(test, source) !== `${trampoline}.manuallyAsync`) return undefined
  const returnsNothing = literal('hasResultPointer') === true || listOf(lowers, 'elements').length === 0
  return { trampoline, component, init, returnsNothing }
}

/** The edits inside the function that calls the host; `undefined` when there is anything in it that is not known. */
function direct(definition: SyntaxNode, source: string, returnsNothing: boolean): readonly Edit[] | undefined {
  const statements = listOf(childOf(definition, 'body'), 'body').filter(({ type }) => type !== 'EmptyStatement')
  const first = statements.findIndex((each) => declaredBy(each) === bookkeeping[0])
  const declarations = statements.slice(first, first + bookkeeping.length)
  if (first < 0 || declarations.some((each, index) => declaredBy(each) !== bookkeeping[index])) return undefined
  const rest = untasked(definition, declarations, hostCallOf, source)
  if (rest === undefined) return undefined
  // The guest was given what the task was resolved with: the same text as is returned, or nothing by value.
  const last = statements.at(-1)
  const returned = last?.type === 'ReturnStatement' ? childOf(last, 'argument') : undefined
  const resolved = rest.results.map((each) => textOf(each, source))
  const isSame = returned === undefined ? returnsNothing : resolved.join() === textOf(returned, source)
  if (!isSame) return undefined
  return [...declarations.map(({ start, end }) => ({ start, end, text: '' })), ...rest.edits]
}

/** `f(…)` in `_withGlobalCurrentTaskMeta({ componentIdx, taskID, fn: () => _trackHostOperation(() => f(…)) })`. */
function hostCallOf(node: SyntaxNode): SyntaxNode | undefined {
  const [tracked] = argumentsOf(bodyOfArrow(runUnderTask(node)), '_trackHostOperation')
  return callIn(bodyOfArrow(tracked))
}
