import { childOf, childrenOf, identifierName, listOf, type SyntaxNode } from './syntax-tree.js'

// What the glue can reach is what it names and does not declare itself. The scopes are those of strict code: `let`,
// `const`, `class` and functions belong to their block, `var` to its function. A name counts as declared only inside the
// scope that declares it: a `let process` in some block hides nothing elsewhere.

type Scope = { readonly names: Set<string>; readonly parent: Scope | undefined }

const FUNCTIONS: ReadonlySet<string> = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])
const BLOCKS: ReadonlySet<string> = new Set([
  'BlockStatement',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'SwitchStatement',
  'StaticBlock',
])

/** Every name that the module refers to and does not declare, with the place of its first use. */
export function freeIdentifiers(module: SyntaxNode): ReadonlyMap<string, number> {
  const free = new Map<string, number>()
  const top: Scope = { names: new Set(), parent: undefined }
  const body = listOf(module, 'body')
  declareBlock(body, top)
  for (const statement of body) declareVars(statement, top)
  for (const statement of body) visit(statement, top, free)
  return free
}

/** The names that one statement refers to and does not declare inside itself; what it is called itself counts as outside. */
export function namesUsedBy(statement: SyntaxNode): ReadonlySet<string> {
  const free = new Map<string, number>()
  visit(statement, { names: new Set(), parent: undefined }, free)
  return new Set(free.keys())
}

function visit(node: SyntaxNode, scope: Scope, free: Map<string, number>): void {
  if (node.type === 'Identifier') {
    const name = identifierName(node) ?? ''
    if (!isDeclared(name, scope) && !free.has(name)) free.set(name, node.start)
  } else if (FUNCTIONS.has(node.type)) {
    visitFunction(node, scope, free)
  } else if (node.type === 'ClassDeclaration' || node.type === 'ClassExpression') {
    visitClass(node, scope, free)
  } else if (node.type === 'CatchClause') {
    visitCatch(node, scope, free)
  } else {
    const inner = BLOCKS.has(node.type) ? blockScope(node, scope) : scope
    for (const child of referencesOf(node)) visit(child, inner, free)
  }
}

/** The children in which a bare identifier is a reference: not labels, not the names behind a dot or before a colon. */
function* referencesOf(node: SyntaxNode): Generator<SyntaxNode> {
  switch (node.type) {
    case 'MemberExpression':
      yield* present(childOf(node, 'object'))
      if (node['computed'] === true) yield* present(childOf(node, 'property'))
      return
    case 'Property':
    case 'PropertyDefinition':
    case 'MethodDefinition':
      if (node['computed'] === true) yield* present(childOf(node, 'key'))
      yield* present(childOf(node, 'value'))
      return
    case 'LabeledStatement':
      yield* present(childOf(node, 'body'))
      return
    case 'BreakStatement':
    case 'ContinueStatement':
    case 'MetaProperty':
      return
    default:
      yield* childrenOf(node)
  }
}

/** Every name that a function declares at its own level: itself, its parameters, and what its body declares. */
export function namesOfFunction(node: SyntaxNode): ReadonlySet<string> {
  return functionScope(node, undefined).names
}

function functionScope(node: SyntaxNode, outer: Scope | undefined): Scope {
  const scope: Scope = { names: new Set(), parent: outer }
  if (node.type !== 'ArrowFunctionExpression') scope.names.add('arguments')
  // A declaration's name belongs to the block around it, where it was declared.
  const ownName = node.type === 'FunctionExpression' ? identifierName(childOf(node, 'id')) : undefined
  if (ownName !== undefined) scope.names.add(ownName)
  for (const param of listOf(node, 'params')) declarePattern(param, scope)
  const body = childOf(node, 'body')
  if (body?.type === 'BlockStatement') {
    declareBlock(listOf(body, 'body'), scope)
    declareVars(body, scope)
  }
  return scope
}

function visitFunction(node: SyntaxNode, outer: Scope, free: Map<string, number>): void {
  const scope = functionScope(node, outer)
  const body = childOf(node, 'body')
  for (const param of listOf(node, 'params')) visit(param, scope, free)
  if (body?.type === 'BlockStatement') for (const statement of listOf(body, 'body')) visit(statement, scope, free)
  else if (body !== undefined) visit(body, scope, free)
}

function visitClass(node: SyntaxNode, outer: Scope, free: Map<string, number>): void {
  const scope: Scope = { names: new Set(), parent: outer }
  const name = node.type === 'ClassExpression' ? identifierName(childOf(node, 'id')) : undefined
  if (name !== undefined) scope.names.add(name)
  for (const part of [childOf(node, 'superClass'), childOf(node, 'body')])
    if (part !== undefined) visit(part, scope, free)
}

function visitCatch(node: SyntaxNode, outer: Scope, free: Map<string, number>): void {
  const scope: Scope = { names: new Set(), parent: outer }
  const parameter = childOf(node, 'param')
  if (parameter !== undefined) {
    declarePattern(parameter, scope)
    visit(parameter, scope, free)
  }
  const body = childOf(node, 'body')
  if (body !== undefined) visit(body, scope, free)
}

function blockScope(node: SyntaxNode, outer: Scope): Scope {
  const scope: Scope = { names: new Set(), parent: outer }
  const cases = node.type === 'SwitchStatement' ? listOf(node, 'cases') : []
  declareBlock(
    [
      ...listOf(node, 'body'),
      ...cases.flatMap((each) => listOf(each, 'consequent')),
      ...present(childOf(node, 'init')),
    ],
    scope,
  )
  declareBlock([...present(childOf(node, 'left'))], scope)
  return scope
}

/** Declares what these statements themselves declare for their block. */
function declareBlock(statements: readonly SyntaxNode[], scope: Scope): void {
  for (const outer of statements) {
    const statement = outer.type === 'ExportNamedDeclaration' ? (childOf(outer, 'declaration') ?? outer) : outer
    if (statement.type === 'VariableDeclaration' && statement['kind'] !== 'var') declareVariables(statement, scope)
    if (statement.type === 'FunctionDeclaration' || statement.type === 'ClassDeclaration') {
      const name = identifierName(childOf(statement, 'id'))
      if (name !== undefined) scope.names.add(name)
    }
  }
}

/** Declares every `var` below, down to the next function. */
function declareVars(node: SyntaxNode, scope: Scope): void {
  if (FUNCTIONS.has(node.type)) return
  if (node.type === 'VariableDeclaration' && node['kind'] === 'var') declareVariables(node, scope)
  for (const child of childrenOf(node)) declareVars(child, scope)
}

function declareVariables(declaration: SyntaxNode, scope: Scope): void {
  for (const declarator of listOf(declaration, 'declarations')) {
    const id = childOf(declarator, 'id')
    if (id !== undefined) declarePattern(id, scope)
  }
}

function declarePattern(pattern: SyntaxNode, scope: Scope): void {
  switch (pattern.type) {
    case 'Identifier':
      scope.names.add(identifierName(pattern) ?? '')
      return
    case 'AssignmentPattern':
      for (const left of present(childOf(pattern, 'left'))) declarePattern(left, scope)
      return
    case 'RestElement':
      for (const argument of present(childOf(pattern, 'argument'))) declarePattern(argument, scope)
      return
    case 'ArrayPattern':
      for (const element of listOf(pattern, 'elements')) declarePattern(element, scope)
      return
    case 'ObjectPattern':
      for (const property of listOf(pattern, 'properties')) {
        declarePattern(property.type === 'Property' ? (childOf(property, 'value') ?? property) : property, scope)
      }
      return
    default:
  }
}

function isDeclared(name: string, scope: Scope | undefined): boolean {
  for (let current = scope; current !== undefined; current = current.parent) {
    if (current.names.has(name)) return true
  }
  return false
}

function present(node: SyntaxNode | undefined): readonly SyntaxNode[] {
  return node === undefined ? [] : [node]
}
