import { rejected } from './check-glue.js'
import { childOf, identifierName, isNode, listOf, type SyntaxNode, stringValue } from './syntax-tree.js'

/**
 * How often the glue instantiates each core module, by file name. Every instance has memories of its own, so the caps
 * depend on it; therefore the glue may get modules and instances only in the one form that can be counted:
 * `const moduleN = getCoreModule('file')` once a module, and `instantiateCore(moduleN, …)`.
 *
 * @throws {BulkheadError} `component-rejected-glue` for any other use of the two functions or of a module.
 */
export function countInstances(module: SyntaxNode, source: string): ReadonlyMap<string, number> {
  const count = new InstanceCount(source)
  count.visit(module, undefined, [])
  return count.perFile()
}

class InstanceCount {
  readonly #source: string
  readonly #fileOf = new Map<string, string>()
  readonly #instances = new Map<string, number>()

  constructor(source: string) {
    this.#source = source
  }

  perFile(): ReadonlyMap<string, number> {
    const perFile = new Map<string, number>()
    for (const [variable, file] of this.#fileOf) perFile.set(file, this.#instances.get(variable) ?? 0)
    for (const variable of this.#instances.keys()) {
      if (!this.#fileOf.has(variable))
        throw rejected(`instantiates \`${variable}\`, which is no module`, this.#source, 0)
    }
    return perFile
  }

  visit(node: SyntaxNode, parent: SyntaxNode | undefined, loops: readonly string[]): void {
    const name = isPropertyName(node, parent) ? undefined : identifierName(node)
    if (name === 'getCoreModule') this.#getsModule(node, parent)
    if (name === 'instantiateCore') this.#instantiates(node, parent, loops)
    const inner = LOOPS.has(node.type) ? [...loops, node.type] : loops
    for (const value of Object.values(node)) {
      if (Array.isArray(value)) for (const child of value.filter(isNode)) this.#visitChild(child, node, inner)
      else if (isNode(value)) this.#visitChild(value, node, inner)
    }
  }

  /** A declarator's call is seen with the declarator as its parent, so that the variable is known. */
  #visitChild(child: SyntaxNode, parent: SyntaxNode, loops: readonly string[]): void {
    if (parent.type === 'VariableDeclarator' && child === childOf(parent, 'init') && isCallOf(child, 'getCoreModule')) {
      const variable = identifierName(childOf(parent, 'id'))
      const file = stringValue(listOf(child, 'arguments')[0])
      if (variable === undefined || file === undefined || this.#fileOf.has(variable)) {
        throw rejected('gets a core module in an unknown way', this.#source, child.start)
      }
      if ([...this.#fileOf.values()].includes(file))
        throw rejected('gets a core module twice', this.#source, child.start)
      this.#fileOf.set(variable, file)
      return
    }
    this.visit(child, parent, loops)
  }

  #getsModule(node: SyntaxNode, parent: SyntaxNode | undefined): void {
    const isParameter =
      parent?.type === 'FunctionDeclaration' && identifierName(childOf(parent, 'id')) === 'instantiate'
    if (!isParameter) throw rejected('gets a core module in an unknown way', this.#source, node.start)
  }

  #instantiates(node: SyntaxNode, parent: SyntaxNode | undefined, loops: readonly string[]): void {
    if (parent?.type === 'AssignmentPattern' && childOf(parent, 'left') === node) return
    const variable =
      parent?.type === 'CallExpression' && childOf(parent, 'callee') === node
        ? identifierName(listOf(parent, 'arguments')[0])
        : undefined
    if (variable === undefined || loops.length > 0) {
      throw rejected('instantiates a core module in an unknown way', this.#source, node.start)
    }
    this.#instances.set(variable, (this.#instances.get(variable) ?? 0) + 1)
  }
}

const LOOPS: ReadonlySet<string> = new Set(['DoWhileStatement', 'ForOfStatement', 'ForStatement', 'WhileStatement'])

/** `f` in `{ f: f$1 }` and in `x.f`: it names no variable. What a component exports may be called as it likes. */
function isPropertyName(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  if (parent === undefined || parent['computed'] === true || parent['shorthand'] === true) return false
  return (
    (parent.type === 'Property' && childOf(parent, 'key') === node) ||
    (parent.type === 'MemberExpression' && childOf(parent, 'property') === node)
  )
}

function isCallOf(node: SyntaxNode, name: string): boolean {
  return node.type === 'CallExpression' && identifierName(childOf(node, 'callee')) === name
}
