import { describeType } from '../describe-type.js'
import { type ExportedFunction, qualifiedName } from './exported-function.js'

/** A function as WIT would write it: `greet: func(name: string) -> string`. */
export function signature(fn: ExportedFunction): string {
  const params = fn.params.map(({ name, type }) => `${name}: ${describeType(type)}`).join(', ')
  const result = fn.result === undefined ? '' : ` -> ${describeType(fn.result)}`
  return `${qualifiedName(fn)}: func(${params})${result}`
}
