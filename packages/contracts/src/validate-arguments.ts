import type { FunctionContract } from './contract.js'
import { describeType } from './describe-type.js'
import { type Check, compileCheck } from './value-check.js'

/** Says what is wrong with the arguments of one call, or nothing. */
export type ArgumentValidator = (args: readonly unknown[]) => string | undefined

/**
 * A check that a call's arguments are the JavaScript values that the contract's types lift to, and nothing more: exact
 * arity, integer ranges, and objects with exactly the declared own fields. It runs in front of every host function, so it
 * is closures over the types, built once; whether a handle is a real one is asked elsewhere.
 *
 * After the comparison of import types this can only fail for a component that got past it: a failure proves hostility.
 *
 * @example
 * ```ts
 * const validate = compileArgumentValidator(contract) // get-random-bytes: func(len: u64)
 * validate([16n]) // undefined
 * validate([16])  // 'argument `len` is not a value of u64'
 * ```
 */
export function compileArgumentValidator(fn: FunctionContract): ArgumentValidator {
  const checks = fn.params.map((parameter) => compileCheck(parameter.type))
  const arity = checks.length
  const wrongArity = (args: readonly unknown[]): string => `${args.length} arguments, expected ${arity}`
  const wrongType = (index: number): string => {
    const parameter = fn.params[index]
    return `argument \`${parameter?.name ?? index}\` is not a value of ${describeType(parameter?.type)}`
  }
  const [first, second] = checks
  if (first === undefined) return (args) => (args.length === 0 ? undefined : wrongArity(args))
  if (second === undefined)
    return (args) => (args.length !== 1 ? wrongArity(args) : first(args[0]) ? undefined : wrongType(0))
  return (args) => (args.length === arity ? firstFailure(checks, args, wrongType) : wrongArity(args))
}

function firstFailure(
  checks: readonly Check[],
  args: readonly unknown[],
  describe: (index: number) => string,
): string | undefined {
  for (let index = 0; index < checks.length; index += 1) {
    if (checks[index]?.(args[index]) !== true) return describe(index)
  }
  return undefined
}
