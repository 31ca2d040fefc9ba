import { exportedFunctionsMax, exportedTypeDepthMax, exportedTypePartsMax } from '../limits.js'
import { readAlias, readTypeBound, readTypeDefinition, referenceOf } from '../parse-import-types.js'
import { parseExpressions } from '../s-expression.js'
import { atomAt, headOf, type List, listsOf, stringAt } from '../s-expression-access.js'
import { type Entity, type FunctionType, Scope } from '../type-scope.js'
import type { ValueType } from '../value-type.js'
import { type ExportedFunction, partsOf } from './exported-function.js'

type Exports = ReadonlyMap<string, Entity>
/** What may stand behind an index of one space; `undefined` for what is of no interest here. */
type Known = FunctionType | undefined

/**
 * Reads which functions a component exports, with complete types: those of its own, and those of the interfaces that it
 * exports. Methods of resources are left out, since no call by name has one in hand.
 *
 * @param wat what wasm-tools prints for `extractExportSections(component)`.
 * @throws {BulkheadError} `component-invalid` when the text is not of that form.
 */
export function parseExportTypes(wat: string): ExportedFunction[] {
  const component = parseExpressions(wat).find((item): item is List => headOf(item) === 'component')
  if (component === undefined) return []
  const found: ExportedFunction[] = []
  const add = (name: string, type: FunctionType, owner?: string): void => {
    if (name.startsWith('[') || found.length >= exportedFunctionsMax) return
    found.push({ ...(owner === undefined ? {} : { interface: owner }), name, ...bounded(type) })
  }
  for (const [name, entity] of new ComponentWalk(component).exports) {
    if (entity.kind === 'function') add(name, entity)
    else if (entity.kind === 'instance')
      for (const [own, inner] of entity.exports) if (inner.kind === 'function') add(own, inner, name)
  }
  return found
}

type RootEntity = Entity | { readonly kind: 'instance'; readonly exports: Exports }

/** The index spaces of one component, filled in the order in which it was written. */
class ComponentWalk {
  readonly exports = new Map<string, RootEntity>()
  readonly #scope = new Scope(undefined)
  readonly #functions: Known[] = []
  readonly #components: (List | undefined)[] = []

  constructor(component: List) {
    for (const item of listsOf(component)) this.#read(item)
  }

  #read(item: List): void {
    switch (headOf(item)) {
      case 'type':
        this.#scope.addType(readTypeDefinition(this.#scope, item))
        break
      case 'alias':
        this.#alias(item)
        break
      case 'import':
        this.#import(item)
        break
      case 'func':
        this.#functions.push(this.#typed(item))
        break
      case 'component':
        this.#components.push(item)
        break
      case 'instance':
        this.#scope.addInstance(this.#instance(listsOf(item)))
        break
      case 'export':
        this.#export(item)
        break
      default:
      // Core modules, their instances and their functions have spaces of their own.
    }
  }

  /** `(func (type 4) …)`: of what is imported, lifted or given a type. */
  #typed(described: List | undefined): Known {
    const entry = this.#scope.resolveType(referenceOf(described))
    return entry?.kind === 'function' ? entry : undefined
  }

  #alias(item: List): void {
    readAlias(this.#scope, item)
    const target = headOf(listsOf(item).at(-1))
    if (target === 'component') this.#components.push(undefined)
    if (target !== 'func') return
    const entity = this.#scope.instance(atomAt(item, 2))?.get(stringAt(item, 3))
    this.#functions.push(entity?.kind === 'function' ? entity : undefined)
  }

  #import(item: List): void {
    const name = stringAt(item, 1)
    const described = listsOf(item)[0]
    switch (headOf(described)) {
      case 'type':
        this.#scope.addType(readTypeBound(this.#scope, described, { interface: name, resource: name }))
        break
      case 'func':
        this.#functions.push(this.#typed(described))
        break
      case 'component':
        this.#components.push(undefined)
        break
      case 'instance': {
        const entry = this.#scope.resolveType(referenceOf(described))
        this.#scope.addInstance(entry?.kind === 'instance' ? entry.open(name) : undefined)
        break
      }
      default:
      // A core module.
    }
  }

  /** `(instance (instantiate 0 (with …)))`, or `(instance (export "name" (func 1)))`. */
  #instance(parts: readonly List[]): Exports {
    const made = parts.find((part) => headOf(part) === 'instantiate')
    if (made === undefined) {
      const exported = parts.filter((part) => headOf(part) === 'export')
      return new Map(exported.map((part) => [stringAt(part, 1), this.#function(listsOf(part)[0]) ?? foreign]))
    }
    const component = this.#components[Number(atomAt(made, 1))]
    const exports = new Map<string, Entity>()
    if (component === undefined) return exports
    for (const [name, entity] of new ComponentWalk(component).exports) {
      if (entity.kind !== 'instance') exports.set(name, entity)
    }
    return exports
  }

  #function(described: List | undefined): FunctionType | undefined {
    if (described === undefined || headOf(described) !== 'func') return undefined
    return this.#functions[Number(atomAt(described, 1))]
  }

  /** `(export "name" (func 1) (func (type 4)))`: what is exported, and perhaps the type that it is given. */
  #export(item: List): void {
    const name = stringAt(
      item,
      item.items.findIndex((part) => part.kind === 'string'),
    )
    const [described, ascribed] = listsOf(item).filter((part) => exportable.has(headOf(part) ?? ''))
    switch (headOf(described)) {
      case 'func': {
        const type = ascribed === undefined ? this.#function(described) : this.#typed(ascribed)
        this.#functions.push(type)
        this.exports.set(name, type ?? foreign)
        break
      }
      case 'type': {
        const entry = described && this.#scope.resolveType(atomAt(described, 1))
        this.#scope.addType(entry ?? { kind: 'unknown' })
        break
      }
      case 'instance': {
        const exports = described && this.#scope.instance(atomAt(described, 1))
        this.#scope.addInstance(exports)
        this.exports.set(name, { kind: 'instance', exports: exports ?? new Map() })
        break
      }
      default:
        if (headOf(described) === 'component') this.#components.push(undefined)
    }
  }
}

const exportable: ReadonlySet<string> = new Set(['func', 'type', 'instance', 'component'])
const foreign = { kind: 'foreign', text: 'a function of no known type' } as const

/**
 * A function's types, written out: they are kept beside the component, where one that stands in many places is written
 * many times.
 */
function bounded({ params, result }: FunctionType): Pick<ExportedFunction, 'params' | 'result'> {
  let partsLeft = exportedTypePartsMax
  const fits = (type: ValueType, depth: number): boolean => {
    partsLeft -= 1
    return partsLeft >= 0 && depth <= exportedTypeDepthMax && partsOf(type).every((part) => fits(part, depth + 1))
  }
  const cut = (type: ValueType): ValueType => (fits(type, 1) ? type : { kind: 'unsupported', text: 'it is too large' })
  const kept = params.map(({ name, type }) => ({ name, type: cut(type) }))
  return result === undefined ? { params: kept } : { params: kept, result: cut(result) }
}
