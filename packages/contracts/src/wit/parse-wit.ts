import { BulkheadError } from '@bulkhead/vocabulary'
import type { FunctionContract, InterfaceContract } from '../contract.js'
import { jsNameOf } from '../js-names.js'
import { typeDepthMax } from '../limits.js'
import type { ValueType } from '../value-type.js'
import { WitReader } from './wit-reader.js'
import {
  readPackage,
  type WrittenDefinition,
  type WrittenFunction,
  type WrittenInterface,
  type WrittenMember,
  type WrittenPackage,
  type WrittenType,
} from './wit-syntax.js'
import { notWit, type WitPlace, witTokens } from './wit-tokens.js'

const NAME = /^([a-z][a-z0-9-]*:[a-z][a-z0-9-]*)\/([a-z][a-z0-9-]*)@(\d+\.\d+\.\d+)$/

/**
 * The contract of an interface that a host application writes itself: functions over plain values. What WIT has besides
 * (resources, streams, worlds, the types of other packages) is refused by name.
 *
 * A component's import is compared with what comes out, so this reads what the transpiler's own reader does; a test holds
 * the two against each other.
 *
 * @param name with its version: `acme:crm/contacts@1.0.0`.
 * @param text one or several interfaces, of which the named one is offered; `package acme:crm@1.0.0;` may stand before.
 * @throws {BulkheadError} `interface-invalid` with line and column.
 * @example
 * ```ts
 * parseWit('acme:crm/contacts@1.0.0', 'interface contacts { find: func(query: string) -> list<string>; }')
 * ```
 */
export function parseWit(name: string, text: string): InterfaceContract {
  const match = NAME.exec(name)
  if (match === null) {
    throw new BulkheadError('interface-invalid', `\`${name}\` is not the name of an interface`, {
      hint: 'write it with its package and version: `acme:crm/contacts@1.0.0`',
    })
  }
  const [, packageName = '', interfaceName = '', version = ''] = match
  const written = readPackage(new WitReader(witTokens(text)))
  checkPackage(written, packageName, version)
  const own = named(written, interfaceName)
  if (own === undefined) {
    throw new BulkheadError('interface-invalid', `the WIT has no interface \`${interfaceName}\``, {
      hint: `it has ${written.interfaces.map((one) => `\`${one.name}\``).join(', ') || 'none'}`,
    })
  }
  const types = new Types(written)
  // Also what no function mentions is looked up, so that a slip of the pen does not wait for its first use.
  for (const key of own.types.keys()) types.named(own, key, { line: 1, column: 1 })
  return {
    name: `${packageName}/${interfaceName}`,
    version,
    resources: [],
    functions: own.functions.map((fn) => contractOf(fn, own, types)),
  }
}

function checkPackage({ package: found }: WrittenPackage, name: string, version: string): void {
  if (found === undefined) return
  if (found.name === name && (found.version ?? version) === version) return
  const text = found.version === undefined ? found.name : `${found.name}@${found.version}`
  throw new BulkheadError('interface-invalid', `the WIT is of the package \`${text}\`, expected \`${name}@${version}\``)
}

function named({ interfaces }: WrittenPackage, name: string): WrittenInterface | undefined {
  return interfaces.find((one) => one.name === name)
}

function contractOf(fn: WrittenFunction, own: WrittenInterface, types: Types): FunctionContract {
  return {
    name: fn.name,
    shape: 'function',
    jsName: jsNameOf(fn.name),
    params: fn.params.map(({ name, type }) => ({ name, type: types.resolve(own, type) })),
    ...(fn.result === undefined ? {} : { result: types.resolve(own, fn.result) }),
  }
}

/** Looks names up, each once. */
class Types {
  readonly #written: WrittenPackage
  readonly #known = new Map<string, ValueType>()
  /** What is being looked up now: a name that comes by again is made of itself. */
  readonly #open = new Set<string>()
  #depth = 0

  constructor(written: WrittenPackage) {
    this.#written = written
  }

  named(own: WrittenInterface, name: string, place: WitPlace): ValueType {
    const key = `${own.name}.${name}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const definition = own.types.get(name)
    if (definition === undefined) throw notWit(place, `there is no type \`${name}\` in \`${own.name}\``)
    if (this.#open.has(key)) throw notWit(place, `the type \`${name}\` is made of itself`)
    this.#open.add(key)
    const type = this.#define(own, definition)
    this.#open.delete(key)
    this.#known.set(key, type)
    return type
  }

  resolve(own: WrittenInterface, type: WrittenType): ValueType {
    if (this.#depth >= typeDepthMax) {
      throw new BulkheadError('interface-invalid', `a type of \`${own.name}\` is deeper than ${typeDepthMax}`)
    }
    this.#depth += 1
    try {
      return this.#resolve(own, type)
    } finally {
      this.#depth -= 1
    }
  }

  #resolve(own: WrittenInterface, type: WrittenType): ValueType {
    switch (type.kind) {
      case 'named':
        return this.named(own, type.name, type)
      case 'list':
        return { kind: 'list', element: this.resolve(own, type.inner) }
      case 'option':
        return { kind: 'option', value: this.resolve(own, type.inner) }
      case 'tuple':
        return { kind: 'tuple', items: type.items.map((item) => this.resolve(own, item)) }
      case 'result':
        return {
          kind: 'result',
          ...(type.ok === undefined ? {} : { ok: this.resolve(own, type.ok) }),
          ...(type.error === undefined ? {} : { error: this.resolve(own, type.error) }),
        }
      default:
        return type
    }
  }

  #define(own: WrittenInterface, definition: WrittenDefinition): ValueType {
    switch (definition.kind) {
      case 'alias':
        return this.resolve(own, definition.type)
      case 'record':
        return {
          kind: 'record',
          fields: definition.members.map(({ name, type }) => ({ name, type: this.resolve(own, type) })),
        }
      case 'variant':
        return { kind: 'variant', cases: definition.members.map((member) => this.#caseOf(own, member)) }
      case 'used': {
        const other = named(this.#written, definition.interface)
        if (other === undefined)
          throw notWit(definition, `there is no interface \`${definition.interface}\` in the text`)
        return this.named(other, definition.name, definition)
      }
      default:
        return definition
    }
  }

  #caseOf(own: WrittenInterface, { name, type }: WrittenMember): { readonly name: string; readonly type?: ValueType } {
    return type === undefined ? { name } : { name, type: this.resolve(own, type) }
  }
}
