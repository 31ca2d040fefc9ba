import { BulkheadError } from '@bulkhead/vocabulary'
import { freeIdentifiers } from './free-identifiers.js'
import { computedKeys, definableNames, forbiddenNames, type GlobalUse, globals, nodeTypes } from './glue-grammar.js'
import { childOf, identifierName, isNode, listOf, type SyntaxNode, stringValue } from './syntax-tree.js'

/**
 * Refuses glue that is not of the shape that the transpiler makes. This is the second, independent wall against a
 * component that makes the transpiler emit code of its own; the first is the check of names. Because the glue is parsed,
 * text that breaks out of a literal shows itself as syntax.
 *
 * @throws {BulkheadError} `component-rejected-glue` with the first thing that does not belong and its place.
 */
export function checkGlue(module: SyntaxNode, source: string): void {
  const free = freeIdentifiers(module)
  for (const [name, at] of free) {
    if (!globals.has(name)) throw rejected(`uses \`${name.slice(0, 60)}\``, source, at)
  }
  new GlueWalk(source, free).visit(module, undefined, '')
}

/** @throws always; for every check on glue. */
export function rejected(what: string, source: string, at: number): BulkheadError {
  const line = source.slice(0, at).split('\n').length
  return new BulkheadError('component-rejected-glue', `the generated glue ${what}, at line ${line}`, {
    details: { line, excerpt: source.slice(at, at + 80) },
    hint: 'no component that an ordinary toolchain builds leads to such glue; do not trust this one',
  })
}

class GlueWalk {
  readonly #source: string
  readonly #free: ReadonlyMap<string, number>
  /** Left sides of assignments of function expressions. */
  readonly #methodTargets = new Set<SyntaxNode>()
  readonly #prototypeReads = new Set<SyntaxNode>()

  constructor(source: string, free: ReadonlyMap<string, number>) {
    this.#source = source
    this.#free = free
  }

  visit(node: SyntaxNode, parent: SyntaxNode | undefined, key: string): void {
    if (!nodeTypes.has(node.type) && !isModuleLevel(node, parent)) this.#refuse(node, `holds a \`${node.type}\``)
    this.#visitByType(node, parent, key)
    for (const [childKey, value] of Object.entries(node)) {
      if (Array.isArray(value)) for (const child of value.filter(isNode)) this.visit(child, node, childKey)
      else if (isNode(value)) this.visit(value, node, childKey)
    }
  }

  #visitByType(node: SyntaxNode, parent: SyntaxNode | undefined, key: string): void {
    switch (node.type) {
      case 'Identifier':
        this.#identifier(node, parent, key)
        break
      case 'Literal':
        this.#literal(node)
        break
      case 'TemplateElement':
        this.#templateElement(node)
        break
      case 'AssignmentExpression':
        this.#assignment(node)
        break
      case 'VariableDeclarator':
        this.#declarator(node)
        break
      case 'MemberExpression':
        this.#member(node, parent)
        break
      case 'Property':
        this.#property(node, parent)
        break
      case 'MethodDefinition':
        this.#method(node)
        break
      case 'PropertyDefinition':
        if (node['computed'] === true) this.#refuse(node, 'computes a field name')
        this.#key(childOf(node, 'key'))
        break
      case 'MetaProperty':
        if (identifierName(childOf(node, 'meta')) !== 'new') this.#refuse(node, 'uses a meta property')
        break
      default:
    }
  }

  /** `const hasOwnProperty = Object.prototype.hasOwnProperty` is the one read of the shared prototype. */
  #declarator(node: SyntaxNode): void {
    const init = childOf(node, 'init')
    const prototype = childOf(init, 'object')
    if (
      init?.type === 'MemberExpression' &&
      identifierName(childOf(init, 'property')) === 'hasOwnProperty' &&
      prototype !== undefined &&
      identifierName(childOf(prototype, 'object')) === 'Object'
    ) {
      this.#prototypeReads.add(prototype)
    }
  }

  #assignment(node: SyntaxNode): void {
    const left = childOf(node, 'left')
    if (left !== undefined && childOf(node, 'right')?.type === 'FunctionExpression') this.#methodTargets.add(left)
  }

  #identifier(node: SyntaxNode, parent: SyntaxNode | undefined, key: string): void {
    const name = identifierName(node) ?? ''
    const isName =
      (parent?.type === 'MemberExpression' && key === 'property' && parent['computed'] !== true) ||
      ((parent?.type === 'Property' || parent?.type === 'MethodDefinition' || parent?.type === 'PropertyDefinition') &&
        key === 'key' &&
        parent['computed'] !== true &&
        parent['shorthand'] !== true) ||
      parent?.type === 'MetaProperty'
    if (isName || !this.#free.has(name)) return
    const rule = globals.get(name)
    if (parent?.type === 'MemberExpression' && key === 'object') {
      const member = parent['computed'] === true ? undefined : identifierName(childOf(parent, 'property'))
      if (rule?.exists !== false && (member === undefined || rule?.members?.includes(member) !== true)) {
        this.#refuse(node, `uses \`${this.#text(parent)}\``)
      }
    } else if (rule?.uses.includes(useOf(parent, key)) !== true) {
      this.#refuse(node, `uses \`${name}\` in an unknown way`)
    }
  }

  #literal(node: SyntaxNode): void {
    if (node['regex'] !== undefined) this.#refuse(node, 'holds a regular expression')
    const value = stringValue(node)
    if (value !== undefined && forbiddenNames.has(value)) this.#refuse(node, `names \`${value}\``)
  }

  #templateElement(node: SyntaxNode): void {
    const value = node['value'] as { readonly cooked?: unknown } | undefined
    if (typeof value?.cooked === 'string' && forbiddenNames.has(value.cooked))
      this.#refuse(node, `names \`${value.cooked}\``)
  }

  #member(node: SyntaxNode, parent: SyntaxNode | undefined): void {
    const property = childOf(node, 'property')
    if (node['computed'] === true) {
      if (!isHarmlessKey(property)) this.#refuse(node, `computes a property name: \`${this.#text(node)}\``)
      return
    }
    if (property?.type === 'PrivateIdentifier') return
    const name = identifierName(property) ?? ''
    if (forbiddenNames.has(name)) this.#refuse(node, `reaches for \`${name}\``)
    const isKnown =
      this.#prototypeReads.has(node) || this.#isMethodDefinition(node, parent) || isCreateArgument(node, parent)
    if (name === 'prototype' && !isKnown) {
      this.#refuse(node, `reaches for \`${this.#text(node)}\``)
    }
  }

  #property(node: SyntaxNode, parent: SyntaxNode | undefined): void {
    if (node['kind'] !== 'init') this.#refuse(node, 'defines an accessor')
    if (node['computed'] === true) {
      const key = childOf(node, 'key')
      if (!isHarmlessKey(key)) this.#refuse(node, 'computes a property name')
      return
    }
    const key = childOf(node, 'key')
    // In a pattern the same syntax reads.
    if (parent?.type === 'ObjectExpression' && definableNames.has(identifierName(key) ?? '')) return
    this.#key(key)
  }

  #method(node: SyntaxNode): void {
    const kind = node['kind']
    if (kind === 'constructor') return
    if (kind !== 'method' && kind !== 'get' && kind !== 'set') this.#refuse(node, 'defines an unknown kind of method')
    if (node['computed'] === true && !isHarmlessKey(childOf(node, 'key'))) this.#refuse(node, 'computes a method name')
    this.#key(childOf(node, 'key'))
  }

  #key(key: SyntaxNode | undefined): void {
    const name = identifierName(key) ?? ''
    if (key !== undefined && (forbiddenNames.has(name) || name === 'prototype'))
      this.#refuse(key, `defines \`${name}\``)
  }

  /** `Class.prototype.method = function …`, for the glue's own classes of exported resources. */
  #isMethodDefinition(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
    const name = identifierName(childOf(node, 'object'))
    return (
      name !== undefined &&
      !this.#free.has(name) &&
      parent?.type === 'MemberExpression' &&
      parent['computed'] !== true &&
      this.#methodTargets.has(parent)
    )
  }

  #text(node: SyntaxNode): string {
    return this.#source.slice(node.start, Math.min(node.end, node.start + 60))
  }

  #refuse(node: SyntaxNode, what: string): never {
    throw rejected(what, this.#source, node.start)
  }
}

/** The two exports and the program around them are the only module syntax. */
function isModuleLevel(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  return parent === undefined
    ? node.type === 'Program'
    : parent.type === 'Program' && node.type === 'ExportNamedDeclaration'
}

function useOf(parent: SyntaxNode | undefined, key: string): GlobalUse {
  if (parent?.type === 'CallExpression' && key === 'callee') return 'call'
  if (parent?.type === 'NewExpression' && key === 'callee') return 'new'
  if (parent?.type === 'BinaryExpression' && key === 'right' && parent['operator'] === 'instanceof') return 'instanceof'
  if (parent?.type === 'UnaryExpression' && parent['operator'] === 'typeof') return 'typeof'
  return 'value'
}

/** `Object.create(Class.prototype)`: how the glue makes a handle that it has no object for. */
function isCreateArgument(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  if (identifierName(childOf(node, 'object')) === undefined) return false
  const callee = parent?.type === 'CallExpression' ? childOf(parent, 'callee') : undefined
  return (
    identifierName(childOf(callee, 'object')) === 'Object' &&
    identifierName(childOf(callee, 'property')) === 'create' &&
    listOf(parent, 'arguments')[0] === node
  )
}

/** A literal (its text is checked as every literal is), a known identifier, a number's arithmetic, or a plain member. */
function isHarmlessKey(key: SyntaxNode | undefined): boolean {
  switch (key?.type) {
    case 'Literal':
      return typeof key['value'] === 'number' || typeof key['value'] === 'string'
    case 'Identifier':
      return computedKeys.has(identifierName(key) ?? '')
    case 'UpdateExpression':
      return true
    case 'BinaryExpression':
      return typeof childOf(key, 'right')?.['value'] === 'number' && childOf(key, 'left')?.type !== 'Literal'
    case 'MemberExpression':
      return key['computed'] !== true && identifierName(childOf(key, 'property')) === 'memoryIdx'
    default:
      return false
  }
}
