import type { FunctionContract, InterfaceContract } from './contract.js'
import { jsClassOf, jsNameOf } from './js-names.js'
import type { ImportedFunction, ImportedInterface } from './parse-import-types.js'
import { shapeOfName } from './shape-of-name.js'

/** The contract that an import of everything describes: what the generator writes down. */
export function contractOf(imported: ImportedInterface): InterfaceContract {
  const { name, version = '', resources } = imported
  return { name, version, resources, functions: imported.functions.map(functionContractOf) }
}

function functionContractOf(fn: ImportedFunction): FunctionContract {
  const member = shapeOfName(fn.name)?.member ?? fn.name
  const { name, shape, params } = fn
  const result = fn.result === undefined ? {} : { result: fn.result }
  if (fn.resource === undefined) return { name, shape, jsName: jsNameOf(member), params, ...result }
  const jsClass = jsClassOf(fn.resource)
  const jsName = shape === 'constructor' ? jsClass : jsNameOf(member)
  return { name, shape, jsName, jsClass, resource: fn.resource, params, ...result }
}
