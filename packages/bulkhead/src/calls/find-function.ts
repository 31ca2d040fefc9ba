import { type ExportedFunction, jsNameOf, qualifiedName, uncallable } from '@bulkhead/contracts'
import { nearestName } from '@bulkhead/document'
import { BulkheadError } from '@bulkhead/vocabulary'
import { listedFunctionsMax } from '../limits.js'

/**
 * Finds a function by what somebody calls it: its name in WIT or in JavaScript where one function has it, or with its
 * interface, whose version may be left out.
 *
 * @throws {BulkheadError} `function-unknown` with what there is; `usage` for a name that several have, and for a function
 *   that no call can carry the values of.
 */
export function findFunction(child: string, functions: readonly ExportedFunction[], name: string): ExportedFunction {
  // One of the component's own has no longer name.
  const exact = functions.filter((fn) => qualifiedName(fn) === name)
  const named = exact.length > 0 ? exact : functions.filter((fn) => spellings(fn).includes(name))
  const [fn, other] = named
  if (fn === undefined) throw unknownFunction(child, functions, name)
  if (other !== undefined) {
    throw new BulkheadError('usage', `\`${name}\` is the name of ${named.length} functions of \`${child}\``, {
      details: { child, function: name, functions: named.map(qualifiedName) },
      hint: `write one of ${listed(named.map(qualifiedName))}`,
    })
  }
  const why = uncallable(fn)
  if (why === undefined) return fn
  throw new BulkheadError('usage', `\`${qualifiedName(fn)}\` of \`${child}\` cannot be called from outside: ${why}`, {
    details: { child, function: qualifiedName(fn) },
    hint: 'call a function of plain values: numbers, texts, lists, records, variants, options, results',
  })
}

function spellings(fn: ExportedFunction): readonly string[] {
  const names = [fn.name, jsNameOf(fn.name)]
  if (fn.interface === undefined) return names
  const [bare = ''] = fn.interface.split('@')
  return [...names, ...names.flatMap((name) => [`${fn.interface}#${name}`, `${bare}#${name}`])]
}

function unknownFunction(child: string, functions: readonly ExportedFunction[], name: string): BulkheadError {
  const known = functions.map(qualifiedName)
  const nearest = nearestName(name, functions.flatMap(spellings))
  const there = known.length === 0 ? 'it exports no functions' : `it exports ${listed(known)}`
  return new BulkheadError('function-unknown', `\`${child}\` has no function \`${name.slice(0, 200)}\``, {
    details: { child, function: name.slice(0, 200), functions: known.slice(0, listedFunctionsMax) },
    hint: nearest === undefined ? there : `did you mean \`${nearest}\`?`,
  })
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, listedFunctionsMax).map((name) => `\`${name}\``)
  return names.length > shown.length ? `${shown.join(', ')}, and ${names.length - shown.length} more` : shown.join(', ')
}
