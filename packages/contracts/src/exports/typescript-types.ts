// Types in TypeScript of what a component exports: plain values only, written out where they stand.

import { jsClassOf, jsNameOf } from '../js-names.js'
import { isNullable } from '../value-check.js'
import type { Case, ValueType } from '../value-type.js'
import { type ExportedFunction, qualifiedName, uncallable } from './exported-function.js'

const arrays: Readonly<Record<string, string>> = {
  u8: 'Uint8Array',
  s8: 'Int8Array',
  u16: 'Uint16Array',
  s16: 'Int16Array',
  u32: 'Uint32Array',
  s32: 'Int32Array',
  u64: 'BigUint64Array',
  s64: 'BigInt64Array',
  f32: 'Float32Array',
  f64: 'Float64Array',
}

/**
 * A declaration file of one type, whose methods are a component's functions. A function whose short name others have too
 * stands under its long name.
 *
 * @param name of the component, of which the type's name is made: `my-greeter` → `MyGreeter`
 * @example
 * ```ts
 * typescriptTypes('greeter', functions) // export type Greeter = {\n  greet(name: string): string\n}\n
 * ```
 */
export function typescriptTypes(name: string, functions: readonly ExportedFunction[]): string {
  const counts = new Map<string, number>()
  for (const fn of functions) counts.set(fn.name, (counts.get(fn.name) ?? 0) + 1)
  const lines = functions.map((fn) => {
    const key = fn.interface === undefined || counts.get(fn.name) === 1 ? jsNameOf(fn.name) : qualifiedName(fn)
    const why = uncallable(fn)
    if (why !== undefined) return `  // ${oneLine(qualifiedName(fn))} cannot be called from outside: ${oneLine(why)}`
    return `${documented(fn)}  ${propertyName(key)}(${parametersOf(fn)}): ${returned(fn)}`
  })
  return `// Made by \`bulkhead types\`.\nexport type ${typeName(name)} = {\n${lines.join('\n')}\n}\n`
}

function documented({ result }: ExportedFunction): string {
  if (result?.kind !== 'result') return ''
  const payload = result.error === undefined ? 'nothing' : `\`${typeOf(result.error)}\``
  return `  /** @throws \`guest-error\`, whose \`details.payload\` is ${payload}. */\n`
}

/** Options at the end may be left out. */
function parametersOf({ params }: ExportedFunction): string {
  const required = params.findLastIndex(({ type }) => type.kind !== 'option' || isNullable(type.value))
  const text = params.map(({ name, type }, index) => {
    const mark = index > required ? '?' : ''
    return `${identifier(jsNameOf(name))}${mark}: ${typeOf(type)}`
  })
  return text.join(', ')
}

function returned({ result }: ExportedFunction): string {
  const type = result?.kind === 'result' ? result.ok : result
  return type === undefined ? 'void' : typeOf(type)
}

function typeOf(type: ValueType): string {
  switch (type.kind) {
    case 'bool':
      return 'boolean'
    case 'u64':
    case 's64':
      return 'bigint'
    case 'char':
    case 'string':
      return 'string'
    case 'list':
      return arrays[type.element.kind] ?? `readonly (${typeOf(type.element)})[]`
    case 'tuple':
      return `readonly [${type.items.map(typeOf).join(', ')}]`
    case 'record':
      return members(type.fields.map((field) => [jsNameOf(field.name), typeOf(field.type), isOptional(field.type)]))
    case 'flags':
      return members(type.names.map((name) => [jsNameOf(name), 'boolean', true]))
    case 'enum':
      return type.names.map((name) => JSON.stringify(name)).join(' | ')
    case 'variant':
      return casesOf(type.cases)
    case 'result':
      return casesOf([caseOf('ok', type.ok), caseOf('err', type.error)])
    case 'option':
      return isNullable(type.value)
        ? casesOf([{ name: 'none' }, { name: 'some', type: type.value }])
        : `${grouped(typeOf(type.value))} | undefined`
    default:
      return 'number'
  }
}

function isOptional(type: ValueType): boolean {
  return type.kind === 'option' && !isNullable(type.value)
}

function members(parts: readonly (readonly [name: string, type: string, optional: boolean])[]): string {
  return `{ ${parts.map(([name, type, optional]) => `readonly ${propertyName(name)}${optional ? '?' : ''}: ${type}`).join('; ')} }`
}

function casesOf(cases: readonly Case[]): string {
  return cases
    .map(({ name, type }) => {
      const tag = `readonly tag: ${JSON.stringify(name)}`
      return type === undefined ? `{ ${tag} }` : `{ ${tag}; readonly val: ${typeOf(type)} }`
    })
    .join(' | ')
}

function caseOf(name: string, type: ValueType | undefined): Case {
  return type === undefined ? { name } : { name, type }
}

function grouped(type: string): string {
  return type.includes(' | ') ? `(${type})` : type
}

function propertyName(name: string): string {
  return /^[a-zA-Z][a-zA-Z0-9]*$/.test(name) ? name : JSON.stringify(name)
}

/** A parameter may be called what TypeScript has another meaning for. */
function identifier(name: string): string {
  return /^[a-zA-Z][a-zA-Z0-9]*$/.test(name) && !reserved.has(name) ? name : `_${name.replace(/[^a-zA-Z0-9]/g, '_')}`
}

const reserved: ReadonlySet<string> = new Set(
  'break case catch class const continue debugger default delete do else enum export extends false finally for function if import in instanceof new null return super switch this throw true try typeof var void while with'.split(
    ' ',
  ),
)

function typeName(name: string): string {
  const words = name.replace(/[^a-zA-Z0-9]+/g, '-').replace(/^[-0-9]+|-+$/g, '')
  return words === '' ? 'Component' : jsClassOf(words)
}

/** What a component wrote, where a comment ends with its line. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, ' ')
}
