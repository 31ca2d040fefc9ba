import type { InterfaceContract } from './contract.js'
import { jsClassOf } from './js-names.js'

/** A resource class as the glue expects it on an interface's import object. */
export type JsClassShape = {
  readonly name: string
  /** Whether the glue calls `new`: without it a guest can only be handed instances. */
  readonly constructible: boolean
  readonly methods: readonly string[]
  readonly statics: readonly string[]
}

/** What `imports['wasi:…']` has to carry: exactly these functions and classes. */
export type JsImportShape = { readonly functions: readonly string[]; readonly classes: readonly JsClassShape[] }

/**
 * The JavaScript side of a contract, for building and for checking the object that the glue reads an interface from.
 *
 * @example
 * ```ts
 * jsImportShape(contract).classes // [{ name: 'Pollable', constructible: false, methods: ['ready', 'block'], statics: [] }]
 * ```
 */
export function jsImportShape(contract: InterfaceContract): JsImportShape {
  const namesOf = (shape: string, jsClass?: string): string[] =>
    contract.functions.filter((fn) => fn.shape === shape && fn.jsClass === jsClass).map((fn) => fn.jsName)
  return {
    functions: namesOf('function'),
    classes: contract.resources.map((resource) => {
      const name = jsClassOf(resource)
      return {
        name,
        constructible: namesOf('constructor', name).length > 0,
        methods: namesOf('method', name),
        statics: namesOf('static', name),
      }
    }),
  }
}
