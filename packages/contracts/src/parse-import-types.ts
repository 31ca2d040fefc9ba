import type { FunctionShape } from './contract.js'
import { splitImportName } from './editions.js'
import { type Expression, parseExpressions } from './s-expression.js'
import { atomAt, headOf, type List, listsOf, stringAt } from './s-expression-access.js'
import { shapeOfName } from './shape-of-name.js'
import { type Entity, type FunctionType, Scope, type TypeEntry } from './type-scope.js'
import type { Field, ValueType } from './value-type.js'

/** One function as a component imports it. */
export type ImportedFunction = {
  readonly name: string
  readonly shape: FunctionShape
  /** The resource that a method, static or constructor belongs to. */
  readonly resource?: string
  /** The type of a method's `self`, which does not stand among the parameters. */
  readonly receiver?: ValueType
  readonly params: readonly Field[]
  readonly result?: ValueType
}

/** One import of a component, with complete types. */
export type ImportedInterface = {
  /** Of the contract, without its version: `wasi:io/streams`. */
  readonly name: string
  readonly version?: string
  readonly functions: readonly ImportedFunction[]
  /** Resources that the component expects this interface to declare. */
  readonly resources: readonly string[]
  /** What stands here and cannot be offered by any interface: a nested instance, a core module, a bare function. */
  readonly foreign: readonly string[]
}

/**
 * Reads the complete types of a component's imports.
 *
 * @param wat what wasm-tools prints for `extractImportSections(component)`.
 * @throws {BulkheadError} `component-invalid` when the text is not of that form.
 */
export function parseImportTypes(wat: string): ImportedInterface[] {
  const component = parseExpressions(wat).find((item): item is List => headOf(item) === 'component')
  if (component === undefined) return []
  const scope = new Scope(undefined)
  const imports: ImportedInterface[] = []
  for (const item of listsOf(component)) {
    const imported = readRootItem(scope, item)
    if (imported !== undefined) imports.push(imported)
  }
  return imports
}

function readRootItem(scope: Scope, item: List): ImportedInterface | undefined {
  switch (headOf(item)) {
    case 'type':
      scope.addType(readTypeDefinition(scope, item))
      return undefined
    case 'alias':
      readAlias(scope, item)
      return undefined
    case 'import':
      return readImport(scope, item)
    default:
      return undefined
  }
}

function readImport(scope: Scope, item: List): ImportedInterface | undefined {
  const [name, version] = splitImportName(stringAt(item, 1))
  const described = listsOf(item)[0]
  const base = version === undefined ? { name } : { name, version }
  switch (headOf(described)) {
    case 'instance': {
      const entry = scope.resolveType(referenceOf(described))
      const exports = entry?.kind === 'instance' ? entry.open(name) : undefined
      scope.addInstance(exports)
      if (exports === undefined)
        return { ...base, functions: [], resources: [], foreign: ['an instance of no known type'] }
      return { ...base, ...summarise(name, exports) }
    }
    case 'type': {
      const entry = readTypeBound(scope, described, { interface: name, resource: name })
      scope.addType(entry)
      // A type that equals another one brings nothing with it; only a resource of its own would have to be offered.
      return entry.kind === 'resource' && entry.interface === name
        ? { ...base, functions: [], resources: [name], foreign: ['a resource outside of any interface'] }
        : undefined
    }
    case 'func':
      return { ...base, functions: [], resources: [], foreign: ['a function outside of any interface'] }
    default:
      return { ...base, functions: [], resources: [], foreign: [`a ${headOf(described) ?? 'thing without a type'}`] }
  }
}

/** The exports of one instance type, read with its resources named after `interface`. */
function readInstanceExports(
  parent: Scope,
  items: readonly List[],
  interfaceName: string,
): ReadonlyMap<string, Entity> {
  const scope = new Scope(parent)
  const exports = new Map<string, Entity>()
  for (const item of items) {
    switch (headOf(item)) {
      case 'type':
        scope.addType(readTypeDefinition(scope, item))
        break
      case 'alias':
        readAlias(scope, item)
        break
      case 'export':
        exports.set(stringAt(item, itemNameIndex(item)), readInstanceExport(scope, item, interfaceName))
        break
      default:
        exports.set('', { kind: 'foreign', text: `a ${headOf(item) ?? 'nameless thing'}` })
    }
  }
  return exports
}

function readInstanceExport(scope: Scope, item: List, interfaceName: string): Entity {
  const described = listsOf(item)[0]
  switch (headOf(described)) {
    case 'type': {
      const entry = readTypeBound(scope, described, {
        interface: interfaceName,
        resource: stringAt(item, itemNameIndex(item)),
      })
      scope.addType(entry)
      return { kind: 'type', entry }
    }
    case 'func': {
      const entry = scope.resolveType(referenceOf(described))
      return entry?.kind === 'function' ? entry : { kind: 'foreign', text: 'a function of no known type' }
    }
    default:
      if (headOf(described) === 'instance') scope.addInstance(undefined)
      return { kind: 'foreign', text: `a ${headOf(described) ?? 'thing without a type'}` }
  }
}

/** `(type (sub resource))` declares a resource, `(type (eq N))` names a type again. */
export function readTypeBound(
  scope: Scope,
  described: List | undefined,
  identity: { readonly interface: string; readonly resource: string },
): TypeEntry {
  const bound = described === undefined ? undefined : listsOf(described)[0]
  if (headOf(bound) === 'sub') return { kind: 'resource', ...identity }
  const reference = bound === undefined ? undefined : atomAt(bound, 1)
  return scope.resolveType(reference) ?? { kind: 'unknown' }
}

export function readTypeDefinition(scope: Scope, item: List): TypeEntry {
  const body = listsOf(item)[0]
  if (body === undefined) {
    const word = item.items.at(-1)
    return { kind: 'value', type: scope.valueType(word) }
  }
  switch (headOf(body)) {
    case 'instance':
      return { kind: 'instance', open: (name) => readInstanceExports(scope, listsOf(body), name) }
    case 'func':
      return readFunctionType(scope, body)
    case 'component':
    case 'resource':
      return { kind: 'unknown' }
    default:
      return { kind: 'value', type: scope.valueType(body) }
  }
}

function readFunctionType(scope: Scope, body: List): FunctionType {
  const params: Field[] = []
  let result: ValueType | undefined
  for (const item of body.items.slice(1)) {
    if (item.kind !== 'list') return { kind: 'function', params: [unsupportedField(item)] }
    const type = scope.valueType(item.items.at(-1))
    if (headOf(item) === 'param') params.push({ name: stringAt(item, 1), type })
    else if (headOf(item) === 'result' && item.items.length === 2) result = type
    else return { kind: 'function', params: [unsupportedField(item)] }
  }
  return result === undefined ? { kind: 'function', params } : { kind: 'function', params, result }
}

function unsupportedField(item: Expression): Field {
  return { name: '', type: { kind: 'unsupported', text: item.kind === 'list' ? (headOf(item) ?? '') : item.text } }
}

/** `(alias export I "name" (type))` and `(alias outer N T (type))`. Every other alias brings no type into scope. */
export function readAlias(scope: Scope, item: List): void {
  const target = headOf(listsOf(item).at(-1))
  if (target === 'instance') scope.addInstance(undefined)
  if (target !== 'type') return
  if (atomAt(item, 1) === 'export') {
    const entity = scope.instance(atomAt(item, 2))?.get(stringAt(item, 3))
    scope.addType(entity?.kind === 'type' ? entity.entry : { kind: 'unknown' })
  } else {
    scope.addType(scope.outer(Number(atomAt(item, 2)))?.resolveType(atomAt(item, 3)) ?? { kind: 'unknown' })
  }
}

function summarise(
  interfaceName: string,
  exports: ReadonlyMap<string, Entity>,
): Omit<ImportedInterface, 'name' | 'version'> {
  const functions: ImportedFunction[] = []
  const resources: string[] = []
  const foreign: string[] = []
  for (const [name, entity] of exports) {
    if (entity.kind === 'function') functions.push(importedFunction(name, entity))
    else if (entity.kind === 'foreign') foreign.push(name === '' ? entity.text : `${entity.text} \`${name}\``)
    else if (declares(entity.entry, interfaceName, name)) resources.push(name)
  }
  return { functions, resources, foreign }
}

/** Not a `use` of another interface's resource, nor a second name for one. */
function declares(entry: TypeEntry, interfaceName: string, name: string): boolean {
  return entry.kind === 'resource' && entry.interface === interfaceName && entry.resource === name
}

function importedFunction(name: string, type: FunctionType): ImportedFunction {
  const shaped = shapeOfName(name)
  const result = type.result === undefined ? {} : { result: type.result }
  if (shaped === undefined) return { name, shape: 'function', params: type.params, ...result }
  const resource = shaped.resource === undefined ? {} : { resource: shaped.resource }
  if (shaped.shape !== 'method') return { name, shape: shaped.shape, ...resource, params: type.params, ...result }
  const [self, ...params] = type.params
  const receiver = self === undefined ? {} : { receiver: self.type }
  return { name, shape: 'method', ...resource, ...receiver, params, ...result }
}

/** In `(export "name" …)` the name comes first; comments are gone by now. */
function itemNameIndex(item: List): number {
  return item.items.findIndex((part) => part.kind === 'string')
}

/** `(func (type 3))` and `(instance (type 3))` refer to type 3. */
export function referenceOf(described: List | undefined): string | undefined {
  const inner = described === undefined ? undefined : listsOf(described)[0]
  return headOf(inner) === 'type' && inner !== undefined ? atomAt(inner, 1) : undefined
}
