import { childOf, childrenOf, identifierName, listOf, type SyntaxNode } from './syntax-tree.js'

const suspender = /^_conditionalSuspending\w+$/

/**
 * The declarations of what the transpiler wraps calls in that suspend, as far as nothing uses them. The glue of composed
 * components brings them along, each with a module of its own that it would compile from a list of numbers: an actor
 * suspends nothing, and glue makes no modules. One that is used stays, and with it the glue is refused.
 */
export function unusedSuspenders(module: SyntaxNode): ReadonlySet<SyntaxNode> {
  const uses = new Map<string, number>()
  const declared = new Map<string, SyntaxNode>()
  const visit = (node: SyntaxNode): void => {
    const name = declaredName(node)
    if (name !== undefined && suspender.test(name)) declared.set(name, node)
    const used = identifierName(node)
    if (used !== undefined && suspender.test(used)) uses.set(used, (uses.get(used) ?? 0) + 1)
    for (const child of childrenOf(node)) visit(child)
  }
  visit(module)
  const unused = new Set<SyntaxNode>()
  for (const [name, declaration] of declared) {
    // Named by its declaration alone; its module by two: its own, and the one use of it in the function.
    const ofModule = declared.get(`${name}Module`)
    if (declaration.type !== 'FunctionDeclaration' || uses.get(name) !== 1 || ofModule === undefined) continue
    if (ofModule.type !== 'VariableDeclaration' || uses.get(`${name}Module`) !== 2) continue
    unused.add(declaration).add(ofModule)
  }
  return unused
}

/** The name of a function, or of the one variable of a declaration. */
function declaredName(node: SyntaxNode): string | undefined {
  if (node.type === 'FunctionDeclaration') return identifierName(childOf(node, 'id'))
  const [declarator, ...more] = node.type === 'VariableDeclaration' ? listOf(node, 'declarations') : []
  return more.length === 0 ? identifierName(childOf(declarator, 'id')) : undefined
}
