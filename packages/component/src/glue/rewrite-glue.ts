import { rejected } from './check-glue.js'
import { expectedFailure } from './expected-failure.js'
import { FORGED, resourceTableEdits } from './resource-tables.js'
import { childOf, childrenOf, identifierName, listOf, type SyntaxNode } from './syntax-tree.js'
import { applyEdits, type Edit } from './text-edit.js'
import { unusedSuspenders } from './unused-suspenders.js'

// The transpiler's glue is a module whose every call builds log records and looks at `process.env` before it throws them
// away: that is two thirds of a call. The log statements go, and so does the only reference to `process`. What is left
// is a script that can be compiled with a code cache: a function from what the glue needs of the host to `instantiate`.
// `console` is a silent one, because the glue prints what a guest's trap says to the host's own terminal.

const LOG = '_debugLog'
const EMPTY_LOG = '() => {}'

/** How the encoder of texts answers for an empty one, without asking the guest for a place. */
const ENCODER = '_utf8AllocateAndEncode'
const NO_PLACE = 'return { ptr: 1, len: 0 }'
const ASKED_PLACE = 'return { ptr: realloc(0, 0, 1, 0), len: 0 }'

/**
 * The module without its debug log (the statements that call it, and its body), without the wrappers of
 * suspending calls that nothing uses and the attempt that is expected to fail, with a place for empty texts, and with
 * tables of resources that tell a part's own from what it was given.
 *
 * @throws {BulkheadError} `component-rejected-glue` when the log is declared in another way than the transpiler does, or twice,
 *   or what is to be mended is not as it was read.
 */
export function amendGlue(module: SyntaxNode, source: string): string {
  const edits: Edit[] = []
  const suspenders = unusedSuspenders(module)
  let declarations = 0
  const visit = (node: SyntaxNode): void => {
    if (isLogStatement(node) || suspenders.has(node)) {
      edits.push({ start: node.start, end: node.end, text: ';' })
      return
    }
    const failure = expectedFailure(node, source)
    if (failure !== undefined) {
      edits.push({ start: node.start, end: node.end, text: `${source.slice(failure.start, failure.end)};` })
      return
    }
    if (node.type === 'VariableDeclarator' && identifierName(childOf(node, 'id')) === LOG) {
      declarations += 1
      const init = childOf(node, 'init')
      if (init?.type !== 'ArrowFunctionExpression')
        throw rejected('declares its log in an unknown way', source, node.start)
      edits.push({ start: init.start, end: init.end, text: EMPTY_LOG })
      return
    }
    if (node.type === 'FunctionDeclaration' && identifierName(childOf(node, 'id')) === ENCODER) {
      edits.push(emptyTextEdit(node, source))
    }
    edits.push(...resourceTableEdits(node, source))
    for (const child of childrenOf(node)) visit(child)
  }
  visit(module)
  if (declarations > 1) throw rejected(`declares its log ${declarations} times`, source, 0)
  return applyEdits(source, edits)
}

/**
 * The Canonical ABI asks the guest for a place for every text, also an empty one, and the adapter of preview1 counts on it:
 * it ends each variable's value in the place that it gave, so that after one without a value the next was part of it.
 */
function emptyTextEdit(encoder: SyntaxNode, source: string): Edit {
  const start = source.indexOf(NO_PLACE, encoder.start)
  if (start < 0 || start > encoder.end) throw rejected('encodes texts in an unknown way', source, encoder.start)
  return { start, end: start + NO_PLACE.length, text: ASKED_PLACE }
}

/**
 * The script form of a checked module: an expression whose value is `(globalThis, console, forgedHandle) => instantiate`.
 *
 * @throws {BulkheadError} `component-rejected-glue` when the module is not exactly `instantiate` and an empty `_util`.
 */
export function scriptOf(module: SyntaxNode, source: string): string {
  const statements = listOf(module, 'body').filter((statement) => statement.type !== 'EmptyStatement')
  const [directive, main, util, ...rest] = statements
  const instantiate = exported(main)
  const utilDeclarator = listOf(exported(util), 'declarations')[0]
  const known =
    directive?.['directive'] === 'use components' &&
    instantiate?.type === 'FunctionDeclaration' &&
    identifierName(childOf(instantiate, 'id')) === 'instantiate' &&
    identifierName(childOf(utilDeclarator, 'id')) === '_util' &&
    listOf(childOf(utilDeclarator, 'init'), 'properties').length === 0 &&
    rest.length === 0
  if (!known || main === undefined || instantiate === undefined || util === undefined) {
    throw rejected('is not one function `instantiate`', source, 0)
  }
  const body = source.slice(instantiate.start, instantiate.end)
  return `(function (globalThis, console, ${FORGED}) { 'use strict'; return ${body}\n})`
}

function exported(node: SyntaxNode | undefined): SyntaxNode | undefined {
  return node?.type === 'ExportNamedDeclaration' ? childOf(node, 'declaration') : undefined
}

function isLogStatement(node: SyntaxNode): boolean {
  const call = node.type === 'ExpressionStatement' ? childOf(node, 'expression') : undefined
  return call?.type === 'CallExpression' && identifierName(childOf(call, 'callee')) === LOG
}
