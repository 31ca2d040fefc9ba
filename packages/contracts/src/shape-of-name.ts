import type { FunctionShape } from './contract.js'

const MEMBER = /^\[(method|static|constructor)\]([^.[\]]+)(?:\.([^.[\]]+))?$/

/** The shape that a function's name gives it, and its resource. `undefined` for a name of no known form. */
export function shapeOfName(
  name: string,
): { readonly shape: FunctionShape; readonly resource?: string; readonly member: string } | undefined {
  const match = MEMBER.exec(name)
  if (match === null) return name.startsWith('[') ? undefined : { shape: 'function', member: name }
  const [, shape, resource = '', member] = match
  if ((shape === 'constructor') !== (member === undefined)) return undefined
  return { shape: shape as FunctionShape, resource, member: member ?? resource }
}
