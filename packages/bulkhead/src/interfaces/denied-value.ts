import type { Case, FunctionContract, ValueType } from '@bulkhead/contracts'

const deniedNames = ['access-denied', 'denied', 'not-permitted', 'forbidden']

/**
 * The error of a function's own type that says that a call was denied, where its type has one: a text, a case of an
 * enumeration or of a variant with such a name, or an error without a payload. The guest learns no reason.
 *
 * @returns `undefined` where the type has none.
 */
export function deniedValue(fn: FunctionContract): { readonly value: unknown } | undefined {
  return fn.result?.kind === 'result' ? errorValue(fn.result.error) : undefined
}

function errorValue(error: ValueType | undefined): { readonly value: unknown } | undefined {
  switch (error?.kind) {
    case undefined:
      return { value: undefined }
    case 'string':
      return { value: 'access denied' }
    case 'enum': {
      const name = deniedNames.find((one) => error.names.includes(one))
      return name === undefined ? undefined : { value: name }
    }
    case 'variant': {
      const found = deniedNames.flatMap((name) => error.cases.filter((one) => one.name === name)).find(isPlain)
      if (found === undefined) return undefined
      return { value: found.type === undefined ? { tag: found.name } : { tag: found.name, val: 'access denied' } }
    }
    default:
      return undefined
  }
}

function isPlain({ type }: Case): boolean {
  return type === undefined || type.kind === 'string'
}
