import type { Expression } from './s-expression.js'
import { headOf, type List, stringAt } from './s-expression-access.js'
import { type Case, type Field, type PrimitiveKind, primitiveKinds, type ValueType } from './value-type.js'

export type FunctionType = { readonly kind: 'function'; readonly params: readonly Field[]; readonly result?: ValueType }

/** What an index of the type space stands for. */
export type TypeEntry =
  | { readonly kind: 'value'; readonly type: ValueType }
  | { readonly kind: 'resource'; readonly interface: string; readonly resource: string }
  | FunctionType
  /** Opened once for each import, because the import gives its resources their identity. */
  | { readonly kind: 'instance'; readonly open: (interfaceName: string) => ReadonlyMap<string, Entity> }
  | { readonly kind: 'unknown' }

/** One export of an instance. */
export type Entity =
  | { readonly kind: 'type'; readonly entry: TypeEntry }
  | FunctionType
  | { readonly kind: 'foreign'; readonly text: string }

const INDEX = /^\d{1,7}$/
const PRIMITIVES: ReadonlySet<string> = new Set(primitiveKinds)

/**
 * The type and instance index spaces of one component or instance type. Entries are shared, never copied: a description
 * that names one type from many places costs what it is long, however large the type would be when written out.
 */
export class Scope {
  readonly #parent: Scope | undefined
  readonly #types: TypeEntry[] = []
  readonly #instances: (ReadonlyMap<string, Entity> | undefined)[] = []

  constructor(parent: Scope | undefined) {
    this.#parent = parent
  }

  addType(entry: TypeEntry): void {
    this.#types.push(entry)
  }

  addInstance(exports: ReadonlyMap<string, Entity> | undefined): void {
    this.#instances.push(exports)
  }

  resolveType(index: string | undefined): TypeEntry | undefined {
    return index !== undefined && INDEX.test(index) ? this.#types[Number(index)] : undefined
  }

  instance(index: string | undefined): ReadonlyMap<string, Entity> | undefined {
    return index !== undefined && INDEX.test(index) ? this.#instances[Number(index)] : undefined
  }

  /** The scope `count` levels further out; 0 is this one. */
  outer(count: number): Scope | undefined {
    if (!Number.isSafeInteger(count) || count < 0) return undefined
    return count === 0 ? this : this.#parent?.outer(count - 1)
  }

  /** The value type that an expression stands for; what is no value type is `unsupported`. */
  valueType(expression: Expression | undefined): ValueType {
    if (expression?.kind === 'list') return this.#compound(expression)
    if (expression?.kind !== 'atom') return unsupported('nothing')
    if (PRIMITIVES.has(expression.text)) return { kind: expression.text as PrimitiveKind }
    const entry = this.resolveType(expression.text)
    return entry?.kind === 'value' ? entry.type : unsupported(entry?.kind ?? expression.text)
  }

  #compound(list: List): ValueType {
    const head = headOf(list)
    const members = list.items.slice(1)
    switch (head) {
      case 'list':
      case 'option':
        if (members.length !== 1) return unsupported(head)
        return head === 'list'
          ? { kind: 'list', element: this.valueType(members[0]) }
          : { kind: 'option', value: this.valueType(members[0]) }
      case 'tuple':
        return { kind: 'tuple', items: members.map((member) => this.valueType(member)) }
      case 'record':
        return { kind: 'record', fields: members.map((member) => this.#field(member)) }
      case 'variant':
        return { kind: 'variant', cases: members.map((member) => this.#case(member)) }
      case 'enum':
      case 'flags':
        return { kind: head, names: list.items.slice(1).map((_, index) => stringAt(list, index + 1)) }
      case 'result':
        return this.#result(members)
      case 'own':
      case 'borrow':
        return this.#handle(head, members)
      default:
        return unsupported(head ?? 'nothing')
    }
  }

  #field(member: Expression): Field {
    if (member.kind !== 'list' || headOf(member) !== 'field' || member.items.length !== 3) {
      return { name: '', type: unsupported('field') }
    }
    return { name: stringAt(member, 1), type: this.valueType(member.items[2]) }
  }

  #case(member: Expression): Case {
    if (member.kind !== 'list' || headOf(member) !== 'case' || member.items.length > 3) {
      return { name: '', type: unsupported('case') }
    }
    const name = stringAt(member, 1)
    return member.items.length === 2 ? { name } : { name, type: this.valueType(member.items[2]) }
  }

  #result(members: readonly Expression[]): ValueType {
    const last = members.at(-1)
    const error = last?.kind === 'list' && headOf(last) === 'error' ? last : undefined
    const oks = error === undefined ? members : members.slice(0, -1)
    if (oks.length > 1 || (error !== undefined && error.items.length !== 2)) return unsupported('result')
    return {
      kind: 'result',
      ...(oks.length === 1 ? { ok: this.valueType(oks[0]) } : {}),
      ...(error === undefined ? {} : { error: this.valueType(error.items[1]) }),
    }
  }

  #handle(kind: 'own' | 'borrow', members: readonly Expression[]): ValueType {
    const index = members.length === 1 && members[0]?.kind === 'atom' ? members[0].text : undefined
    const entry = this.resolveType(index)
    if (entry?.kind !== 'resource') return unsupported(kind)
    return { kind, interface: entry.interface, resource: entry.resource }
  }
}

function unsupported(text: string): ValueType {
  return { kind: 'unsupported', text }
}
