import { BulkheadError } from '@bulkhead/vocabulary'
import { namesOfFunction, namesUsedBy } from './free-identifiers.js'
import { globals } from './glue-grammar.js'
import { childOf, childrenOf, identifierName, listOf, type SyntaxNode } from './syntax-tree.js'

/**
 * Refuses glue in which something of the component's takes the place of something of the transpiler's. What a component
 * exports is declared under its own name, in camel case, in the generator that instantiates it; the transpiler's functions
 * stand around that one, and an export `rsc-table-remove` would be called in their place. Functions of one body replace each
 * other too: the last one wins, without a word from the engine. A name that the generator uses for nothing but to hand out
 * the exports (`resolve`) takes no place.
 *
 * @throws {BulkheadError} `component-rejected-glue` with the name.
 */
export function refuseShadows(module: SyntaxNode): void {
  // Whether it is `instantiate`, and alone, is looked at when the script is made.
  const instantiate = listOf(module, 'body')
    .map((statement) => childOf(statement, 'declaration'))
    .find((declaration) => declaration?.type === 'FunctionDeclaration')
  if (instantiate === undefined) return
  const around = namesOfFunction(instantiate)
  for (const generator of generatorsIn(instantiate)) {
    const statements = listOf(childOf(generator, 'body'), 'body')
    const used = new Set(statements.flatMap((each) => (handsOutExports(each) ? [] : [...namesUsedBy(each)])))
    for (const name of namesOfFunction(generator)) {
      if (name !== 'arguments' && used.has(name) && (around.has(name) || globals.has(name))) throw shadowing(name)
    }
    const functions = new Set<string>()
    for (const statement of statements) {
      const name = statement.type === 'FunctionDeclaration' ? identifierName(childOf(statement, 'id')) : undefined
      if (name !== undefined && functions.has(name)) throw shadowing(name)
      if (name !== undefined) functions.add(name)
    }
  }
}

function shadowing(name: string): BulkheadError {
  return new BulkheadError(
    'component-rejected-glue',
    `something that the component exports would take the place of the transpiler’s own \`${name.slice(0, 60)}\``,
    {
      details: { name: name.slice(0, 60) },
      hint: 'give the exported function, interface or resource of that name (in kebab case) another one',
    },
  )
}

/** The generator functions in a function's own statements. */
function* generatorsIn(node: SyntaxNode): Generator<SyntaxNode> {
  for (const child of childrenOf(node)) {
    if (child.type === 'FunctionExpression' && child['generator'] === true) yield child
    else if (!child.type.includes('Function')) yield* generatorsIn(child)
  }
}

/** `const api = { resolve: resolve$1 }` for an exported interface, and the generator's `return { api, resolve }`. */
function handsOutExports(statement: SyntaxNode): boolean {
  const [declarator, ...more] = statement.type === 'VariableDeclaration' ? listOf(statement, 'declarations') : []
  const object = statement.type === 'ReturnStatement' ? childOf(statement, 'argument') : childOf(declarator, 'init')
  return (
    more.length === 0 &&
    object?.type === 'ObjectExpression' &&
    listOf(object, 'properties').every((property) => identifierName(childOf(property, 'value')) !== undefined)
  )
}
